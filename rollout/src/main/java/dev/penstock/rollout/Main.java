package dev.penstock.rollout;

import java.nio.file.Path;

/** Runs the job on whatever cluster starts it: {@code Main rollout.yaml pipelines.yaml}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException(
                    "Cannot start rollout with %d arguments; name two files: rollout.yaml pipelines.yaml"
                            .formatted(arguments.length));
        }
        Rollout.job(Path.of(arguments[0]), Path.of(arguments[1]), System.getenv())
                .run();
    }
}
