package dev.penstock.flink;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job in a Flink of its own in this JVM, cancelled when it is closed. */
public final class RunningJob implements AutoCloseable {
    private static final int PARALLELISM = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final JobClient client;
    private final Path checkpoints;

    private RunningJob(JobClient client, Path checkpoints) {
        this.client = client;
        this.checkpoints = checkpoints;
    }

    /** @param state to go on from; empty to begin anew */
    public static RunningJob start(Job job, Optional<Path> state) {
        return start(job, PARALLELISM, state);
    }

    /** @param state to go on from; empty to begin anew */
    public static RunningJob start(Job job, int parallelism, Optional<Path> state) {
        Configuration settings = new Configuration(job.settings());
        state.ifPresent(path ->
                settings.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, settings);
        job.definition().accept(environment);
        try {
            return new RunningJob(
                    environment.executeAsync(job.name()),
                    Path.of(URI.create(settings.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until all tasks run. */
    public RunningJob running() {
        await().atMost(PATIENCE).until(() -> client.getJobStatus().get() == JobStatus.RUNNING);
        return this;
    }

    /** Waits for a checkpoint that began after this was asked. */
    public void awaitCheckpoint() {
        long known = newestNumber();
        long afterOneUnderWay = 2;
        await().atMost(PATIENCE).until(() -> newestNumber() >= known + afterOneUnderWay);
    }

    private long newestNumber() {
        return NewestState.in(flinkPath(checkpoints))
                .map(NewestState::checkpointId)
                .orElse(0L);
    }

    /** Stops without a further checkpoint, as a crash would, and says where to go on from. */
    public Path cancel() {
        close();
        return newest(checkpoints).orElseThrow();
    }

    /** Stops with a savepoint, which can be moved and be read at any parallelism, and says where it is. */
    public Path stop(Path savepoints) {
        try {
            String path = client.stopWithSavepoint(false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                    .get();
            return Path.of(URI.create(path));
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The newest complete checkpoint or savepoint, if there is any. */
    public static Optional<Path> newest(Path directory) {
        return NewestState.in(flinkPath(directory))
                .map(state -> Path.of(state.path().toUri()))
                .filter(Files::isDirectory);
    }

    private static org.apache.flink.core.fs.Path flinkPath(Path path) {
        return new org.apache.flink.core.fs.Path(path.toUri());
    }

    @Override
    public void close() {
        try {
            if (!client.getJobStatus().get().isGloballyTerminalState()) {
                client.cancel().get();
            }
            await().atMost(PATIENCE).until(() -> client.getJobStatus().get().isGloballyTerminalState());
        } catch (Exception e) {
            // The little cluster goes with its job, and then answers nothing any more.
            if (!String.valueOf(e.getMessage()).contains("MiniCluster is not yet running")) {
                throw new IllegalStateException(e);
            }
        }
    }
}
