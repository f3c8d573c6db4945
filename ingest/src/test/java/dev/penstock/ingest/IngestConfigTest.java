package dev.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.penstock.ingest.IngestConfig.Registry;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.configuration.Mistake;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class IngestConfigTest {
    private static final Path EXAMPLE = Path.of("src/main/resources/dev/penstock/ingest/example.yaml");
    private static final Map<String, String> ENVIRONMENT =
            Map.of("KAFKA_PASSWORD", "hunter2", "REGISTRY_PASSWORD", "hunter3");

    @Test
    void fillsInDefaults() {
        IngestConfig config = parse("""
                brokers: localhost:9092
                registry: http://localhost:8081
                state-directory: /var/lib/penstock
                """);

        assertThat(config)
                .isEqualTo(new IngestConfig(
                        "localhost:9092",
                        new Registry(URI.create("http://localhost:8081"), Duration.ofMinutes(1), Map.of()),
                        Path.of("/var/lib/penstock"),
                        "penstock-ingest",
                        1,
                        Duration.ofMillis(50),
                        Duration.ofMillis(5),
                        ByteSize.ofMebibytes(64),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of()));
    }

    @Test
    void readsTheExampleAndHidesItsSecretsFromTheLog() {
        IngestConfig config = IngestConfig.read(EXAMPLE, ENVIRONMENT);

        assertThat(config.registry().settings().values()).anyMatch(value -> value.contains("hunter3"));
        assertThat(config.kafka().values()).anyMatch(value -> value.contains("hunter2"));
        assertThat(config.metrics()).contains(new IngestConfig.Metrics(9404, "localhost"));
        assertThat(EffectiveConfiguration.of(config))
                .contains("commit-interval: PT0.05S")
                .doesNotContain("hunter");
    }

    @Test
    void theExampleIsGoodForKafkaStreams() {
        Properties settings = StreamsSettings.of(IngestConfig.read(EXAMPLE, ENVIRONMENT));

        StreamsConfig streams = new StreamsConfig(settings);

        assertThat(streams.getString(StreamsConfig.PROCESSING_GUARANTEE_CONFIG)).isEqualTo("exactly_once_v2");
        assertThat(streams.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).isEqualTo(50);
        assertThat(streams.getMainConsumerConfigs("group", "client", 0))
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("auto.offset.reset", "earliest")
                .containsEntry("security.protocol", "SASL_SSL");
    }

    @Test
    void whatIsSetForKafkaComesBeforeWhatIngestWouldChoose() {
        IngestConfig config = parse("""
                brokers: localhost:9092
                registry: http://localhost:8081
                state-directory: /var/lib/penstock
                kafka: {main.consumer.session.timeout.ms: 6000, producer.compression.type: lz4}
                """);

        Properties settings = StreamsSettings.of(config);

        assertThat(settings)
                .containsEntry("main.consumer.session.timeout.ms", "6000")
                .containsEntry("producer.compression.type", "lz4");
    }

    @Test
    void reportsEveryMistakeAtOnceWithItsPlace() {
        String yaml = """
                brokers: localhost:9092
                registry: {url: ftp://registry, patience: PT0S}
                application-id: my app
                threads: 0
                commit-interval: PT1M
                linger: PT2M
                state-memory: 1MiB
                replication: 0
                kafka:
                  application.id: other
                  processing.guarantee: at_least_once
                thread: 2
                """;

        InvalidConfigurationException refused =
                catchThrowableOfType(InvalidConfigurationException.class, () -> parse(yaml));

        assertThat(refused.mistakes())
                .extracting(Mistake::line, Mistake::path)
                .containsExactly(
                        tuple(1, ""), tuple(2, "registry.url"), tuple(2, "registry.patience"), tuple(12, "thread"));
        assertThat(refused).hasMessageContaining("the key 'state-directory' is missing");
    }

    @Test
    void reportsEveryValueThatCannotWork() {
        String yaml = """
                brokers: localhost:9092
                registry: http://localhost:8081
                state-directory: /var/lib/penstock
                application-id: my app
                threads: 0
                commit-interval: PT1M
                linger: PT2M
                state-memory: 1MiB
                replication: 0
                kafka:
                  application.id: other
                  processing.guarantee: at_least_once
                """;

        InvalidConfigurationException refused =
                catchThrowableOfType(InvalidConfigurationException.class, () -> parse(yaml));

        assertThat(refused.mistakes()).extracting(Mistake::line).containsExactly(4, 5, 6, 7, 8, 9, 11, 12);
        assertThat(refused)
                .hasMessageContaining("application-id: 'my app' is not a name for topics")
                .hasMessageContaining("threads: 0 threads cannot process anything")
                .hasMessageContaining("commit-interval: PT1M is not between PT0.001S and PT10S")
                .hasMessageContaining("linger: PT2M is not between PT0S and the commit interval of PT1M")
                .hasMessageContaining("state-memory: 1MiB is too little")
                .hasMessageContaining("replication: 0 copies hold nothing")
                .hasMessageContaining("kafka.application.id: ingest sets this itself");
    }

    private static IngestConfig parse(String yaml) {
        return ConfigurationFile.parse("ingest.yaml", yaml, IngestConfig.class, Map.of());
    }
}
