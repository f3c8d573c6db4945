package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code golden/examples.avro}. */
final class GoldenExamples {
    private static final AvroFile<GoldenExample> FILE = new AvroFile<>(
            BundleFiles.GOLDEN_EXAMPLES,
            GoldenExample.class,
            GoldenExample.getClassSchema(),
            Reason.INVALID_GOLDEN_EXAMPLES);

    private GoldenExamples() {}

    /** Empty if there is no such file. */
    static List<GoldenExample> read(Path directory) throws IOException {
        return FILE.read(directory);
    }

    static void write(Path directory, List<GoldenExample> examples) throws IOException {
        FILE.write(directory, examples);
    }
}
