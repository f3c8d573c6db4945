package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.schemas.DriftReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code reference.avro}: one record. */
final class ReferenceFile {
    private static final AvroFile<DriftReference> FILE = new AvroFile<>(
            BundleFiles.REFERENCE, DriftReference.class, DriftReference.getClassSchema(), Reason.INVALID_REFERENCE);

    private ReferenceFile() {}

    /** Null if there is no such file. */
    static @Nullable DriftReference read(Path directory) throws IOException {
        List<DriftReference> records = FILE.read(directory);
        if (records.size() > 1) {
            throw new BundleRefusedException(
                    Reason.INVALID_REFERENCE,
                    "Cannot use bundle %s: its %s has %d records; write one"
                            .formatted(directory, BundleFiles.REFERENCE, records.size()));
        }
        return records.isEmpty() ? null : records.get(0);
    }

    static void write(Path directory, DriftReference reference) throws IOException {
        FILE.write(directory, List.of(reference));
    }
}
