package dev.penstock.flink;

import dev.penstock.flink.configuration.JobConfig;
import dev.penstock.flink.configuration.Metrics;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;

/** What every job needs of Flink, whichever cluster runs it. */
public final class FlinkSettings {
    /**
     * Said once and for all: state is kept in as many groups of keys, and cannot be read in any other number. Left to Flink
     * it would follow from the parallelism of a job's first run.
     */
    public static final int MAX_PARALLELISM = 128;

    private FlinkSettings() {}

    /** @param bufferTimeout how long a record waits at most on its way between two tasks; Flink's default is 100 ms */
    public static Configuration of(JobConfig config, Duration bufferTimeout) {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL,
                config.checkpoints().interval());
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                config.checkpoints().directory().toString());
        settings.set(
                CheckpointingOptions.SAVEPOINT_DIRECTORY, config.checkpoints().savepoints());
        settings.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        // Infrastructure that is away is waited for: at first a second, at most three, without end. By default Flink
        // remembers each failure for an hour, so that processes killed in a row are waited for longer and longer.
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofSeconds(1));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(3));
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                Duration.ofMinutes(1));
        settings.set(ExecutionOptions.BUFFER_TIMEOUT, bufferTimeout);
        settings.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(StateBackendOptions.STATE_BACKEND, config.state().flinkName());
        config.metrics().ifPresent(metrics -> report(metrics, settings));
        return settings;
    }

    /** Read by a cluster that is started with these settings, and by no other. */
    private static void report(Metrics metrics, Configuration settings) {
        String reporter = "metrics.reporter.prometheus.";
        settings.setString(reporter + "factory.class", "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        settings.setString(reporter + "port", Integer.toString(metrics.port()));
        // Else pipelines and models would lose the hyphens of their names.
        settings.setString(reporter + "filterLabelValueCharacters", "false");
    }
}
