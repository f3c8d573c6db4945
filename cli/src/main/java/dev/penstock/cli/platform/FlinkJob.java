package dev.penstock.cli.platform;

import dev.penstock.inference.Inference;
import dev.penstock.inference.InferenceConfig;
import dev.penstock.schemas.pipelines.Pipelines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inference job on a Flink cluster in this JVM, with its web interface. It goes on from where the last run in the
 * same directory stopped, or was killed.
 */
final class FlinkJob implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlinkJob.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final JobClient client;
    private final Path savepoints;

    private FlinkJob(JobClient client, Path savepoints) {
        this.client = client;
        this.savepoints = savepoints;
    }

    /**
     * @param directory for checkpoints and savepoints
     * @param webPort of the web interface
     */
    static FlinkJob start(Path directory, int webPort, int parallelism, InferenceConfig config, Pipelines pipelines) {
        Path savepoints = directory.resolve("savepoints");
        Configuration settings = Inference.flinkSettings(config);
        settings.set(RestOptions.PORT, webPort);
        settings.set(RestOptions.BIND_ADDRESS, "localhost");
        settings.set(RestOptions.ADDRESS, "localhost");
        settings.set(TaskManagerOptions.NUM_TASK_SLOTS, parallelism);
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        newestState(directory).ifPresent(state -> {
            LOG.info("Going on from {}", state);
            settings.set(StateRecoveryOptions.SAVEPOINT_PATH, state.toUri().toString());
        });
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(settings);
        environment.setParallelism(parallelism);
        Inference.define(environment, config, pipelines);
        try {
            return new FlinkJob(environment.executeAsync("penstock-inference"), savepoints);
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start the inference job: " + e.getMessage(), e);
        }
    }

    static Path checkpoints(Path directory) {
        return directory.resolve("checkpoints");
    }

    JobStatus status() throws InterruptedException {
        try {
            return client.getJobStatus().get(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The job's status is not known: {}", e.toString());
            return JobStatus.INITIALIZING;
        }
    }

    /** Stops with a savepoint, so that the next start repeats nothing; without one if that takes too long. */
    @Override
    public void close() {
        try {
            String path = client.stopWithSavepoint(false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                    .get(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            LOG.info("The inference job stopped at {}", path);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The inference job stops without a savepoint: {}", e.toString());
            client.cancel()
                    .orTimeout(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionally(failure -> {
                        LOG.warn("The inference job could not be cancelled: {}", failure.toString());
                        return null;
                    })
                    .join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<Path> newestState(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.walk(directory, 4)) {
            return found.filter(file -> file.endsWith("_metadata"))
                    .max(Comparator.comparing(FlinkJob::modified))
                    .map(Path::getParent);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot look for checkpoints in " + directory, e);
        }
    }

    private static java.nio.file.attribute.FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
