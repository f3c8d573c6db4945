package dev.penstock.models.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A directory that is filled from nothing, and left as it was found if that fails. */
final class TargetDirectory {
    private final Path directory;
    private final boolean existed;

    private TargetDirectory(Path directory, boolean existed) {
        this.directory = directory;
        this.existed = existed;
    }

    /** @throws IllegalArgumentException if there is something in it */
    static TargetDirectory claim(Path directory) throws IOException {
        boolean existed = Files.exists(directory);
        if (existed) {
            try (Stream<Path> found = Files.list(directory)) {
                if (found.findAny().isPresent()) {
                    throw new IllegalArgumentException(
                            "Cannot put a bundle into %s: the directory is not empty; name another"
                                    .formatted(directory));
                }
            }
        }
        Files.createDirectories(directory);
        return new TargetDirectory(directory, existed);
    }

    /** Empties it; what stands in the way of that is told with the failure. */
    void abandon(Exception failure) {
        try {
            BundleFiles.deleteTree(directory, !existed);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
