package dev.penstock.cli.platform;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that runs on a {@link FlinkCluster}. */
final class FlinkJob implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlinkJob.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final JobClient client;
    private final Path savepoints;

    /** @param directory for checkpoints and savepoints */
    FlinkJob(String name, JobClient client, Path directory) {
        this.name = name;
        this.client = client;
        this.savepoints = directory.resolve("savepoints");
    }

    /** Of a job's checkpoints and savepoints, in a platform's directory. */
    static Path directory(Path platform, String job) {
        return platform.resolve("flink").resolve(job);
    }

    /** Where a job with that directory leaves its checkpoints. */
    static Path checkpoints(Path directory) {
        return directory.resolve("checkpoints");
    }

    /** Stops with a savepoint, so that the next start repeats nothing; without one if that takes too long. */
    @Override
    public void close() {
        try {
            String path = client.stopWithSavepoint(false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                    .get(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            LOG.info("Job {} stopped at {}", name, path);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Job {} stops without a savepoint: {}", name, e.toString());
            client.cancel()
                    .orTimeout(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionally(failure -> {
                        LOG.warn("Job {} could not be cancelled: {}", name, failure.toString());
                        return null;
                    })
                    .join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
