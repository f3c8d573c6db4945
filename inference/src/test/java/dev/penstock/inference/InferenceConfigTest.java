package dev.penstock.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
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
            models: {cache: /tmp/bundles}
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
        assertThat(example.waiting()).isEqualTo(least.waiting());
    }

    @Test
    void writesInTransactionsOnlyWhereThatIsAskedFor() {
        assertThat(parse(LEAST).transactionalIdPrefix()).isEmpty();
        assertThat(parse(LEAST + "delivery: exactly-once\ngroup: fraud-desk\n").transactionalIdPrefix())
                .contains("fraud-desk");
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse(LEAST.replace("checkpoints\"}", "checkpoints\", interval: PT0S}")
                        + "waiting: {records: 0}\ndelivery: sometimes\n"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("interval")
                .hasMessageContaining("records")
                .hasMessageContaining("sometimes");
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
