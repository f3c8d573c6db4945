package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.card.BundlePaths;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files of a bundle's directory by their paths from it. */
final class BundleFiles {
    static final String CARD = "model-card.yaml";
    static final String SAVED_MODEL = "saved-model";
    static final String GOLDEN_EXAMPLES = "golden/examples.avro";
    static final String REFERENCE = "reference.avro";
    static final String DIGESTS = "digests.json";
    static final String SIGNATURE = "signature.json";
    /** What speaks of the other files, and so is not listed among them. */
    static final Set<String> UNLISTED = Set.of(DIGESTS, SIGNATURE);

    private BundleFiles() {}

    /**
     * In one order on every machine.
     *
     * @throws BundleRefusedException if there is something else than files and directories, or a name that a bundle
     *     cannot have
     */
    static SortedMap<String, Path> of(Path directory) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String path = directory
                        .relativize(file)
                        .toString()
                        .replace(file.getFileSystem().getSeparator(), "/");
                if (!attributes.isRegularFile()) {
                    throw new BundleRefusedException(
                            Reason.NOT_A_FILE,
                            "Cannot use bundle %s: '%s' is a link or another special file; put the file itself there"
                                    .formatted(directory, path));
                }
                if (!BundlePaths.isInside(path)) {
                    throw new BundleRefusedException(
                            Reason.UNSAFE_NAME,
                            "Cannot use bundle %s: '%s' is not a name that every machine can write; rename it"
                                    .formatted(directory, path));
                }
                files.put(path, file);
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    /** Deletes what is in a directory, and the directory if it is to go too. */
    static void deleteTree(Path directory, boolean alsoItself) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (alsoItself || !visited.equals(directory)) {
                    Files.delete(visited);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
