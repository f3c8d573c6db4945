package dev.penstock.models.transit;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Sound bundles that travel well and that no TensorFlow could load. */
final class SomeBundle {
    private SomeBundle() {}

    /** Version 1 of model {@code spam}. */
    static Bundle in(Path directory, int bytes) throws IOException {
        return in(directory, "spam", 1, bytes);
    }

    /**
     * @param directory made here, with the bundle in {@code bundle}
     * @param bytes of the SavedModel; other bytes for another number
     */
    static Bundle in(Path directory, String model, int version, int bytes) throws IOException {
        Path savedModel = Files.createDirectories(directory.resolve("saved-model"));
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Files.write(savedModel.resolve("saved_model.pb"), content);
        String card = """
                card-version: 1
                name: %s
                version: %d
                task: binary
                modality: text
                labels: [ham, spam]
                inputs:
                  text: text
                outputs:
                  spam: probabilities
                """.formatted(model, version);
        return new BundleBuilder(card, savedModel).build(directory.resolve("bundle"));
    }
}
