package dev.penstock.retrain;

import java.nio.file.Path;

/** Runs the job on whatever cluster starts it: {@code Main retrain.yaml pipelines.yaml}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException(
                    "Cannot start retrain with %d arguments; name two files: retrain.yaml pipelines.yaml"
                            .formatted(arguments.length));
        }
        Retrain.job(Path.of(arguments[0]), Path.of(arguments[1]), System.getenv())
                .run();
    }
}
