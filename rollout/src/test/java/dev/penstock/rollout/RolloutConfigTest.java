package dev.penstock.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutConfigTest {
    private static final String LEAST = """
            brokers: localhost:9092
            registry: {url: "http://localhost:8081"}
            checkpoints: {directory: "file:///tmp/checkpoints"}
            """;

    @Test
    void theShippedExampleIsWhatTheDefaultsAre() {
        RolloutConfig example = ConfigurationFile.read(
                Path.of("src/main/resources/rollout-example.yaml"), RolloutConfig.class, Map.of());

        assertThat(example.brokers()).isEqualTo("localhost:9092");
        assertThat(example.registry().url()).isEqualTo(URI.create("http://localhost:8081"));
        assertThat(example.checkpoints().directory())
                .isEqualTo(URI.create("file:///var/lib/penstock/rollout-checkpoints"));
        RolloutConfig least = parse(LEAST);
        assertThat(example.group()).isEqualTo(least.group()).isEqualTo("penstock-rollout");
        assertThat(example.registry().patience())
                .isEqualTo(least.registry().patience())
                .isEqualTo(Duration.ofMinutes(2));
        assertThat(example.checkpoints().interval())
                .isEqualTo(least.checkpoints().interval())
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(example.state()).isEqualTo(least.state()).isEqualTo(StateBackend.ROCKSDB);
        assertThat(example.plans().resolved().of("any"))
                .isEqualTo(least.plans().resolved().of("any"))
                .isEqualTo(RolloutPlan.production());
        assertThat(example.joining()).isEqualTo(least.joining());
        assertThat(example.drift()).isEqualTo(least.drift());
        assertThat(example.tick()).isEqualTo(least.tick());
    }

    @Test
    void aModelMayHaveAPlanOfItsOwn() {
        RolloutConfig config = parse(LEAST + "plans: {models: {fraud: {maturity: {outcome: P30D}}}}\n");

        assertThat(config.plans().resolved().of("fraud").maturity().outcome()).isEqualTo(Duration.ofDays(30));
        assertThat(config.plans().resolved().of("spam")).isEqualTo(RolloutPlan.production());
    }

    @Test
    void silenceIsWaitedForLessLongThanRequestsAreKept() {
        String plans = "plans: {models: {fraud: {silence: {label: legitimate, after: %s}}}}\n";

        assertThat(parse(LEAST + plans.formatted("P7D"))
                        .plans()
                        .resolved()
                        .of("fraud")
                        .silence())
                .isEqualTo(new Silence("legitimate", Duration.ofDays(7), 1));
        assertThatThrownBy(() -> parse(LEAST + plans.formatted("P30D")))
                .hasMessageContaining("plans.models.fraud.silence.after")
                .hasMessageContaining("is not shorter than the retention of PT720H");
        assertThatThrownBy(() -> parse(LEAST
                        + "plans: {models: {fraud: {silence: {label: legitimate, after: PT0S, certainty: 2}}}}\n"))
                .hasMessageContaining("PT0S is not positive")
                .hasMessageContaining("2.0 is not above 0");
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse(LEAST.replace("checkpoints\"}", "checkpoints\", interval: PT0S}")
                        + "joining: {retention: PT1M, unknown: PT1H}\ndrift: {window-rows: 10}\nstate: paper\n"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("interval")
                .hasMessageContaining("at most the retention of PT1M")
                .hasMessageContaining("10 are too few to tell drift from noise")
                .hasMessageContaining("paper");
    }

    @Test
    void aPortForMetricsSetsFlinksReporter() {
        RolloutConfig config = parse(LEAST + "metrics: {port: 9250}\n");

        assertThat(Rollout.flinkSettings(config).toMap()).containsEntry("metrics.reporter.prometheus.port", "9250");
        assertThat(Rollout.flinkSettings(parse(LEAST)).keySet()).noneMatch(key -> key.startsWith("metrics."));
    }

    @Test
    void keepsPasswordsOutOfTheLog() {
        RolloutConfig config =
                parse(LEAST.replace("8081\"}", "8081\", settings: {basic.auth.user.info: \"ada:lovelace\"}}"));

        assertThat(EffectiveConfiguration.of(config)).doesNotContain("lovelace").contains("localhost:9092");
    }

    private static RolloutConfig parse(String yaml) {
        return ConfigurationFile.parse("rollout.yaml", yaml, RolloutConfig.class, Map.of());
    }
}
