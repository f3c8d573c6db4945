package dev.penstock.models.bundle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Bundles whose model nobody loads. */
public final class Bundles {
    static final String CARD = """
            card-version: 1
            name: words
            version: 2
            task: binary
            modality: text
            labels: [no, yes]
            inputs:
              ids:
                tokens: {vocabulary: vocabulary.txt, tokenizer: whitespace, length: 8}  # short texts
            outputs:
              score: probabilities
            """;

    static final List<GoldenExample> GOLDEN = List.of(
            new GoldenExample(new TextPayload("one two"), Map.of("yes", 0.75f)),
            new GoldenExample(new TextPayload("three"), Map.of("yes", 0.25f)));

    private Bundles() {}

    public static Bundle build(Path directory) throws IOException {
        Path savedModel = directory.resolve("export");
        Files.createDirectories(savedModel.resolve("variables"));
        Files.writeString(savedModel.resolve("saved_model.pb"), "a graph");
        Files.writeString(savedModel.resolve("variables/variables.index"), "weights");
        Path vocabulary = Files.writeString(directory.resolve("words.txt"), "one\ntwo\n");
        return new BundleBuilder(CARD, savedModel)
                .file("vocabulary.txt", vocabulary)
                .goldenExamples(GOLDEN)
                .build(directory.resolve("bundle"));
    }

    public static void assertRefused(ThrowingCallable action, Reason reason, String words) {
        assertThatThrownBy(action)
                .hasMessageStartingWith("Cannot ")
                .hasMessageContaining(words)
                .asInstanceOf(InstanceOfAssertFactories.type(BundleRefusedException.class))
                .extracting(BundleRefusedException::reason)
                .isEqualTo(reason);
    }
}
