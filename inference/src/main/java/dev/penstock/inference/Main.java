package dev.penstock.inference;

import java.nio.file.Path;

/** Runs the job on whatever cluster starts it: {@code Main inference.yaml pipelines.yaml}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException(
                    "Cannot start inference with %d arguments; name two files: inference.yaml pipelines.yaml"
                            .formatted(arguments.length));
        }
        Inference.job(Path.of(arguments[0]), Path.of(arguments[1]), System.getenv())
                .run();
    }
}
