package dev.penstock.inference;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job in a Flink of its own in this JVM, cancelled when it is closed. */
final class RunningJob implements AutoCloseable {
    private static final int PARALLELISM = 2;

    private final JobClient client;
    private final Path checkpoints;

    private RunningJob(JobClient client, Path checkpoints) {
        this.client = client;
        this.checkpoints = checkpoints;
    }

    /** @param checkpoint to go on from; empty to begin anew */
    static RunningJob start(
            InferenceConfig config, Optional<Path> checkpoint, Consumer<StreamExecutionEnvironment> definition) {
        return start(config, new Configuration(), checkpoint, definition);
    }

    /** @param furtherSettings as an operator of the cluster may have made them */
    static RunningJob start(
            InferenceConfig config,
            Configuration furtherSettings,
            Optional<Path> checkpoint,
            Consumer<StreamExecutionEnvironment> definition) {
        Configuration settings = Inference.flinkSettings(config);
        settings.addAll(furtherSettings);
        checkpoint.ifPresent(path ->
                settings.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, settings);
        definition.accept(environment);
        try {
            return new RunningJob(
                    environment.executeAsync("inference"),
                    Path.of(config.checkpoints().directory()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until all tasks run. */
    RunningJob running() {
        await().atMost(Duration.ofMinutes(1)).until(() -> client.getJobStatus().get() == JobStatus.RUNNING);
        return this;
    }

    /** Stops without a further checkpoint, as a crash would, and says where to go on from. */
    Path cancel() {
        close();
        return newest(checkpoints).orElseThrow();
    }

    /** The newest complete checkpoint, if there is any. */
    static Optional<Path> newest(Path checkpoints) {
        if (!Files.exists(checkpoints)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(checkpoints)) {
            return files.filter(file -> file.getFileName().toString().equals("_metadata"))
                    .map(Path::getParent)
                    .max(Comparator.comparingLong(
                            path -> path.resolve("_metadata").toFile().lastModified()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            if (!client.getJobStatus().get().isGloballyTerminalState()) {
                client.cancel().get();
            }
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> client.getJobStatus().get().isGloballyTerminalState());
        } catch (Exception e) {
            // The little cluster goes with its job, and then answers nothing any more.
            if (!String.valueOf(e.getMessage()).contains("MiniCluster is not yet running")) {
                throw new IllegalStateException(e);
            }
        }
    }
}
