package dev.penstock.retrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.retrain.labels.LabelSettings;
import dev.penstock.retrain.runs.LearningPlan;
import dev.penstock.retrain.triggers.TriggerSettings;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetrainConfigTest {
    private static final String LEAST = """
            brokers: localhost:9092
            registry: {url: "http://localhost:8081"}
            checkpoints: {directory: "file:///var/lib/penstock/retrain-checkpoints"}
            models:
              cache: /var/lib/penstock/bundles
              trust: {keys: /etc/penstock/trusted-keys}
              signing-key: /etc/penstock/retrain.key
            """;

    @Test
    void theShippedExampleIsWhatTheDefaultsAre() {
        RetrainConfig example = ConfigurationFile.read(
                Path.of("src/main/resources/retrain-example.yaml"), RetrainConfig.class, Map.of());

        assertThat(example).isEqualTo(parse(LEAST));
        assertThat(example.labels()).isEqualTo(LabelSettings.usual());
        assertThat(example.triggers()).isEqualTo(TriggerSettings.usual());
        assertThat(example.learning()).isEqualTo(LearningPlan.usual());
        assertThat(example.training()).isEqualTo(RetrainConfig.Training.usual());
    }

    @Test
    void aModelMayBeTrainedSooner() {
        RetrainConfig config = parse(LEAST + "triggers-of: {spam: {new-labels: 200}}\n");
        Pipelines pipelines = pipelines("pipelines: {mails: {modality: text, model: spam}}");

        config.requireKnown(pipelines);

        assertThat(config.triggersOf().get("spam").newLabels()).isEqualTo(200);
    }

    @Test
    void aModelThatNoPipelineAsksIsAMistake() {
        RetrainConfig config =
                parse(LEAST + "triggers-of: {spma: {new-labels: 200}}\nlearning-of: {ham: {epochs: 2}}\n");
        Pipelines pipelines = pipelines("pipelines: {mails: {modality: text, model: spam}}");

        assertThatThrownBy(() -> config.requireKnown(pipelines))
                .hasMessageContaining("there are no models [spma]; the pipelines ask [spam]")
                .hasMessageContaining("there are no models [ham]");
    }

    @Test
    void silenceIsOfAModelThatThereIsAndEndsBeforeItsRequestsAreForgotten() {
        RetrainConfig config = parse(LEAST + "silence: {fraud: {label: legitimate, after: P7D}}\n");
        assertThat(config.silence()).containsOnly(Map.entry("fraud", new Silence("legitimate", Duration.ofDays(7), 1)));
        config.requireKnown(pipelines("pipelines: {payments: {modality: record, model: fraud}}"));

        assertThatThrownBy(() -> config.requireKnown(pipelines("pipelines: {mails: {modality: text, model: spam}}")))
                .hasMessageContaining("there are no models [fraud]");
        assertThatThrownBy(() -> parse(LEAST + "silence: {fraud: {label: legitimate, after: P30D}}\n"))
                .hasMessageContaining("silence.fraud.after")
                .hasMessageContaining("PT720H is not shorter than the retention of PT720H");
        assertThatThrownBy(() -> parse(LEAST + "silence: {fraud: {label: legitimate, after: PT0S, certainty: 0}}\n"))
                .hasMessageContaining("PT0S is not positive")
                .hasMessageContaining("certainty");
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse(LEAST + """
                        labels: {retention: PT0S, largest-weight: 0.5}
                        triggers: {new-labels: 0, largest-share-of-one-source: 2}
                        training: {duty-cycle: 0}
                        """))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("retention")
                .hasMessageContaining("largest-weight")
                .hasMessageContaining("new-labels")
                .hasMessageContaining("largest-share-of-one-source")
                .hasMessageContaining("duty-cycle");
    }

    @Test
    void keepsPasswordsOutOfTheLog() {
        RetrainConfig config =
                parse(LEAST.replace("8081\"}", "8081\", settings: {basic.auth.user.info: \"ada:lovelace\"}}"));

        assertThat(EffectiveConfiguration.of(config)).doesNotContain("lovelace").contains("localhost:9092");
    }

    @Test
    void aPortForMetricsSetsFlinksReporter() {
        assertThat(Retrain.flinkSettings(parse(LEAST + "metrics: {port: 9250}\n"))
                        .toMap())
                .containsEntry("metrics.reporter.prometheus.port", "9250");
        assertThat(Retrain.flinkSettings(parse(LEAST)).keySet()).noneMatch(key -> key.startsWith("metrics."));
    }

    private static RetrainConfig parse(String yaml) {
        return ConfigurationFile.parse("retrain.yaml", yaml, RetrainConfig.class, Map.of());
    }

    private static Pipelines pipelines(String yaml) {
        return ConfigurationFile.parse("pipelines.yaml", yaml, Pipelines.class, Map.of());
    }
}
