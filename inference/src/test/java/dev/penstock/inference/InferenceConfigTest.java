package dev.penstock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.Device;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.pipelines.Pipelines;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InferenceConfigTest {
    private static final String LEAST = """
            brokers: localhost:9092
            registry: {url: "http://localhost:8081"}
            checkpoints: {directory: "file:///tmp/checkpoints"}
            models: {cache: /tmp/bundles, trust: {keys: /tmp/trusted}}
            """;

    @Test
    void theShippedExampleIsWhatTheDefaultsAre() {
        InferenceConfig example = ConfigurationFile.read(
                Path.of("src/main/resources/inference-example.yaml"), InferenceConfig.class, Map.of());

        assertThat(example.brokers()).isEqualTo("localhost:9092");
        assertThat(example.registry().url()).isEqualTo(URI.create("http://localhost:8081"));
        assertThat(example.checkpoints().directory()).isEqualTo(URI.create("file:///var/lib/penstock/checkpoints"));
        assertThat(example.models().cache()).isEqualTo(Path.of("/var/lib/penstock/bundles"));
        InferenceConfig least = parse(LEAST);
        assertThat(example.group()).isEqualTo(least.group()).isEqualTo("penstock-inference");
        assertThat(example.delivery()).isEqualTo(least.delivery()).isEqualTo(Delivery.AT_LEAST_ONCE);
        assertThat(example.registry().patience())
                .isEqualTo(least.registry().patience())
                .isEqualTo(Duration.ofMinutes(2));
        assertThat(example.checkpoints().interval())
                .isEqualTo(least.checkpoints().interval())
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(example.models().largestBundle())
                .isEqualTo(least.models().largestBundle())
                .isEqualTo(ByteSize.parse("2GiB"));
        assertThat(example.models().patience()).isEqualTo(least.models().patience());
        assertThat(example.models().residentVersions()).isEqualTo(least.models().residentVersions());
        assertThat(example.waiting()).isEqualTo(least.waiting());
        assertThat(example.batching())
                .isEqualTo(least.batching().on(Device.PROCESSOR))
                .isEqualTo(BatchLimits.usual());
    }

    @Test
    void aPipelineMayBeBatchedAndDeliveredOtherwise() {
        InferenceConfig config = parse(LEAST + """
                batching: {rows: 64}
                pipelines:
                  fraud: {delivery: exactly-once, batching: {age: PT0.005S, cells: 4096}}
                """);
        Pipelines pipelines = ConfigurationFile.parse("pipelines.yaml", """
                pipelines:
                  spam: {modality: text, model: spam}
                  fraud: {modality: record, model: fraud}
                """, Pipelines.class, Map.of());

        PipelineBinding spam = config.bind(pipelines.named("spam").orElseThrow());
        PipelineBinding fraud = config.bind(pipelines.named("fraud").orElseThrow());

        assertThat(spam.batching().rows()).isEqualTo(64);
        assertThat(spam.delivery()).isEqualTo(Delivery.AT_LEAST_ONCE);
        assertThat(fraud.on(Device.GPU).batching().rows()).isEqualTo(64);
        assertThat(fraud.on(Device.PROCESSOR).batching().rows()).isEqualTo(128);
        assertThat(fraud.batching().age()).isEqualTo(Duration.ofMillis(5));
        assertThat(fraud.batching().cells()).isEqualTo(4_096);
        assertThat(fraud.delivery()).isEqualTo(Delivery.EXACTLY_ONCE);
    }

    @Test
    void aPipelineExploresOnlyWhereItIsToldTo() {
        InferenceConfig config = parse(LEAST + """
                pipelines:
                  fraud: {exploration: {label: fraud, share: 0.01}}
                """);
        Pipelines pipelines = ConfigurationFile.parse("pipelines.yaml", """
                pipelines:
                  spam: {modality: text, model: spam}
                  fraud: {modality: record, model: fraud}
                """, Pipelines.class, Map.of());

        assertThat(config.bind(pipelines.named("fraud").orElseThrow()).exploration())
                .isEqualTo(new Exploration("fraud", 0.01));
        assertThat(config.bind(pipelines.named("spam").orElseThrow()).exploration())
                .isEqualTo(Exploration.none());
        assertThatThrownBy(() -> parse(LEAST + "pipelines: {fraud: {exploration: {label: fraud, share: 2}}}\n"))
                .hasMessageContaining("2.0 is not between 0 and 1");
    }

    @Test
    void aPipelineThatThereIsNotIsAMistake() {
        InferenceConfig config = parse(LEAST + "pipelines: {frod: {delivery: exactly-once}}\n");
        Pipelines pipelines = ConfigurationFile.parse(
                "pipelines.yaml", "pipelines: {fraud: {modality: record, model: fraud}}", Pipelines.class, Map.of());

        assertThatThrownBy(() -> config.requireKnown(pipelines))
                .hasMessageContaining("there are no pipelines [frod]; the pipelines are [fraud]");
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse(LEAST.replace("checkpoints\"}", "checkpoints\", interval: PT0S}")
                        + "waiting: {records: 0}\ndelivery: sometimes\nbatching: {cells: -1}\n"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("-1 is negative")
                .hasMessageContaining("interval")
                .hasMessageContaining("records")
                .hasMessageContaining("sometimes");
    }

    @Test
    void aPortForMetricsSetsFlinksReporter() {
        InferenceConfig config = parse(LEAST + "metrics: {port: 9249}\n");

        assertThat(Inference.flinkSettings(config).toMap())
                .containsEntry("metrics.reporter.prometheus.port", "9249")
                .containsEntry(
                        "metrics.reporter.prometheus.factory.class",
                        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        assertThat(Inference.flinkSettings(parse(LEAST)).keySet()).noneMatch(key -> key.startsWith("metrics."));
        assertThatThrownBy(() -> parse(LEAST + "metrics: {port: 0}\n")).hasMessageContaining("0 is not between 1");
    }

    @Test
    void keepsPasswordsOutOfTheLog() {
        InferenceConfig config =
                parse(LEAST.replace("8081\"}", "8081\", settings: {basic.auth.user.info: \"ada:lovelace\"}}"));

        assertThat(EffectiveConfiguration.of(config)).doesNotContain("lovelace").contains("localhost:9092");
    }

    private static InferenceConfig parse(String yaml) {
        return ConfigurationFile.parse("inference.yaml", yaml, InferenceConfig.class, Map.of());
    }
}
