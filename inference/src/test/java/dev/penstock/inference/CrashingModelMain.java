package dev.penstock.inference;

import dev.penstock.flink.RunningJob;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A process whose model ends it, as an abort in native code does. */
final class CrashingModelMain {
    /** The exit code of a process that aborts. */
    static final int ABORTED = 134;

    private CrashingModelMain() {}

    /** @param args {@code inference.yaml}, the pipeline, a text that kills, and perhaps a checkpoint to go on from */
    public static void main(String[] args) throws InterruptedException {
        InferenceConfig config = ConfigurationFile.read(Path.of(args[0]), InferenceConfig.class, Map.of());
        String killing = args[2];
        Optional<Path> checkpoint = args.length > 3 ? Optional.of(Path.of(args[3])) : Optional.empty();
        try (RunningJob job = StubbedJob.start(
                config,
                args[1],
                checkpoint,
                version ->
                        StubModel.abortingOn(killing, () -> Runtime.getRuntime().halt(ABORTED)))) {
            new CountDownLatch(1).await();
        }
    }
}
