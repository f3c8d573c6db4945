package dev.penstock.deploy;

import java.nio.file.Path;

/**
 * Runs the jobs as one Flink application: {@code Main DIRECTORY}, where each job runs whose configuration is in the
 * directory.
 *
 * <p>Each is started from its own newest state and goes its own way; this ends when all are started. Where one fails for
 * good, Flink ends the application with a failure ({@code execution.terminate-application-on-any-job-exception}, its
 * default), so that whatever supervises the process starts all of them again. Where one is cancelled, it ends without.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) {
            throw new IllegalArgumentException(
                    "Cannot start the jobs with %d arguments; name the directory with %s and those of %s that are to run"
                            .formatted(arguments.length, Application.PIPELINES, Application.files()));
        }
        Application.in(Path.of(arguments[0]), System.getenv()).start();
    }
}
