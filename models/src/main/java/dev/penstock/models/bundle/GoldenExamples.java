package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/** {@code golden/examples.avro}: an Avro object container file. */
final class GoldenExamples {
    private static final int SYNC_BYTES = 16;

    private GoldenExamples() {}

    /** Empty if there is no such file. */
    static List<GoldenExample> read(Path directory) throws IOException {
        Path file = directory.resolve(BundleFiles.GOLDEN_EXAMPLES);
        if (!Files.exists(file)) {
            return List.of();
        }
        List<GoldenExample> examples = new ArrayList<>();
        try (DataFileReader<GoldenExample> reader =
                new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(GoldenExample.class))) {
            reader.forEach(examples::add);
        } catch (IOException | AvroRuntimeException e) {
            throw new BundleRefusedException(
                    Reason.INVALID_GOLDEN_EXAMPLES,
                    "Cannot use bundle %s: its %s cannot be read: %s; write it as Avro records of GoldenExample"
                            .formatted(directory, BundleFiles.GOLDEN_EXAMPLES, e.getMessage()),
                    e);
        }
        return List.copyOf(examples);
    }

    static void write(Path directory, List<GoldenExample> examples) throws IOException {
        Path file = directory.resolve(BundleFiles.GOLDEN_EXAMPLES);
        Files.createDirectories(file.getParent());
        Schema schema = GoldenExample.getClassSchema();
        // A marker of random bytes, as is usual, would give the same examples another digest each time.
        byte[] sync = Arrays.copyOf(
                BundleDigests.sha256().digest(schema.toString().getBytes(StandardCharsets.UTF_8)), SYNC_BYTES);
        try (DataFileWriter<GoldenExample> writer = new DataFileWriter<>(new SpecificDatumWriter<>(schema));
                DataFileWriter<GoldenExample> opened = writer.create(schema, Files.newOutputStream(file), sync)) {
            for (GoldenExample example : examples) {
                opened.append(example);
            }
        }
    }
}
