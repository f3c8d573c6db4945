package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.schemas.wire.ContainerFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * An Avro object container file of a bundle. The same records give the same bytes.
 *
 * @param path in the bundle
 * @param refusal for a file that cannot be read
 */
record AvroFile<T extends SpecificRecord>(String path, Class<T> type, Schema schema, Reason refusal) {
    private static final int SYNC_BYTES = 16;
    /** A few examples, each of which a broker would carry. */
    private static final long LARGEST = 64L * 1024 * 1024;

    /** Empty if there is no such file. */
    List<T> read(Path directory) throws IOException {
        Path file = directory.resolve(path);
        if (!Files.exists(file)) {
            return List.of();
        }
        if (Files.size(file) > LARGEST) {
            throw refused(directory, "it has more than %d bytes".formatted(LARGEST), null);
        }
        byte[] content = Files.readAllBytes(file);
        try {
            return List.copyOf(ContainerFile.read(content, type, LARGEST));
        } catch (IOException e) {
            throw refused(directory, String.valueOf(e.getMessage()), e);
        }
    }

    private BundleRefusedException refused(Path directory, String why, @Nullable Exception cause) {
        return new BundleRefusedException(
                refusal,
                "Cannot use bundle %s: its %s cannot be read: %s; write it as Avro records of %s"
                        .formatted(directory, path, why, type.getSimpleName()),
                cause);
    }

    void write(Path directory, List<T> records) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        // A marker of random bytes, as is usual, would give the same records another digest each time.
        byte[] sync = Arrays.copyOf(
                BundleDigests.sha256().digest(schema.toString().getBytes(StandardCharsets.UTF_8)), SYNC_BYTES);
        try (DataFileWriter<T> writer = new DataFileWriter<>(new SpecificDatumWriter<>(schema));
                DataFileWriter<T> opened = writer.create(schema, Files.newOutputStream(file), sync)) {
            for (T each : records) {
                opened.append(each);
            }
        }
    }
}
