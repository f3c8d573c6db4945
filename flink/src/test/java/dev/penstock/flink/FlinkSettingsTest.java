package dev.penstock.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.JobConfig;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.junit.jupiter.api.Test;

class FlinkSettingsTest {
    /** What a job's own configuration has in common with others'. */
    record SomeJobConfig(
            String brokers,
            Registry registry,
            String group,
            Checkpoints checkpoints,
            StateBackend state,
            Optional<Metrics> metrics,
            Map<String, String> kafka)
            implements JobConfig {}

    @Test
    void stateOutlivesTheJobAndCanBeReadAtAnyParallelism() {
        Configuration settings = settings("s3://bucket/inference", "rocksdb");

        assertThat(settings.get(PipelineOptions.MAX_PARALLELISM)).isEqualTo(128);
        assertThat(settings.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
                .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        assertThat(settings.get(CheckpointingOptions.CHECKPOINTING_INTERVAL)).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
    }

    @Test
    void savepointsLieWhereTheNextRunLooksForThem() {
        assertThat(settings("s3://bucket/inference", "heap").get(CheckpointingOptions.SAVEPOINT_DIRECTORY))
                .isEqualTo("s3://bucket/inference/savepoints");
        assertThat(settings("s3://bucket/inference/", "heap").get(CheckpointingOptions.SAVEPOINT_DIRECTORY))
                .isEqualTo("s3://bucket/inference/savepoints");
    }

    private static Configuration settings(String directory, String state) {
        SomeJobConfig config =
                ConfigurationFile.parse("job.yaml", """
                brokers: localhost:9092
                registry: {url: "http://localhost:8081"}
                group: test
                checkpoints: {directory: "%s"}
                state: %s
                """.formatted(directory, state), SomeJobConfig.class, Map.of());
        return FlinkSettings.of(config, Duration.ofMillis(1));
    }
}
