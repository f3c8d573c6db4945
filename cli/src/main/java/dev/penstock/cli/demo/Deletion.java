package dev.penstock.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removal of what a run leaves behind. */
final class Deletion {
    private static final Logger LOG = LoggerFactory.getLogger(Deletion.class);

    private Deletion() {}

    /** Deletes a directory and all in it; what cannot be deleted is left, with a line in the log. */
    static void of(Path directory) {
        try {
            List<Path> deepestFirst;
            try (Stream<Path> found = Files.walk(directory)) {
                deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.warn("The directory {} could not be deleted", directory, e);
        }
    }
}
