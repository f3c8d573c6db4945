package dev.penstock.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The savepoint in a module's {@code src/test/resources/savepoint}, which a job of an earlier version of the code left
 * behind, and from which this version has to go on. With the system property {@code penstock.savepoint=write} the module's
 * test leaves a new one.
 */
public final class EarlierSavepoint {
    private static final Path DIRECTORY =
            Path.of("src/test/resources/savepoint").toAbsolutePath();

    private EarlierSavepoint() {}

    public static boolean isToBeWritten() {
        return "write".equals(System.getProperty("penstock.savepoint"));
    }

    public static Path directory() {
        return DIRECTORY;
    }

    /**
     * Stops the job, whose state replaces everything that is in the directory.
     *
     * @param workspace where Flink may write
     */
    public static void leave(RunningJob job, Path workspace) throws IOException {
        Path written = job.stop(workspace);
        Files.createDirectories(DIRECTORY);
        for (Path old : files(DIRECTORY)) {
            Files.delete(old);
        }
        for (Path file : files(written)) {
            Files.copy(file, DIRECTORY.resolve(file.getFileName()));
        }
    }

    private static List<Path> files(Path parent) throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.toList();
        }
    }
}
