package dev.penstock.chaos.platform;

import dev.penstock.chaos.processes.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Code that Flink's processes are started with, laid out as in the image: the jobs beside Flink's own libraries, and an
 * archive of the classes that both load.
 *
 * @param libraries folder with every jar
 * @param classes for {@code -XX:SharedArchiveFile}
 */
record Release(Path libraries, Path classes) {
    private static final String REHEARSAL = "dev.penstock.deploy.Rehearsal";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /**
     * Takes some ten seconds of a processor.
     *
     * @param home folder for it; it must not exist
     * @param javaOptions of the processes that will be started with it
     * @param log for what making the archive says
     */
    static Release install(Installation installation, Path home, List<String> javaOptions, Path log)
            throws IOException, InterruptedException {
        Path libraries = Files.createDirectories(home.resolve("lib"));
        try (Stream<Path> jars = Files.list(installation.flink())) {
            for (Path jar : jars.toList()) {
                Files.createSymbolicLink(libraries.resolve(jar.getFileName()), jar.toAbsolutePath());
            }
        }
        Files.copy(installation.jobs(), libraries.resolve("penstock-jobs.jar"));
        Release release = new Release(libraries, home.resolve("classes.jsa"));
        release.archive(javaOptions, log);
        return release;
    }

    private void archive(List<String> javaOptions, Path log) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(javaOptions);
        options.add("-XX:ArchiveClassesAtExit=" + classes);
        Process process =
                Program.java(options, libraries + "/*", REHEARSAL, List.of()).start(log);
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("Cannot archive the classes of %s; see %s".formatted(libraries, log));
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** A process of Flink's. */
    Program program(List<String> javaOptions, String mainClass, List<String> arguments) {
        List<String> options = new ArrayList<>(javaOptions);
        options.add("-XX:SharedArchiveFile=" + classes);
        return Program.java(options, libraries + "/*", mainClass, arguments).with(Map.of("TF_CPP_MIN_LOG_LEVEL", "2"));
    }
}
