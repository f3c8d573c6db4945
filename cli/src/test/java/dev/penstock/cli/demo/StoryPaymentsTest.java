package dev.penstock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.demo.events.PaymentDays;
import dev.penstock.flink.configuration.Silence;
import dev.penstock.retrain.RetrainConfig;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoryPaymentsTest {
    private static final Path CONFIGURATION = Path.of("src/main/resources/dev/penstock/cli/platform/retrain-demo.yaml");

    /** Of what streams, more becomes known in time; silence would take its frauds for genuine. */
    @ParameterizedTest
    @ValueSource(strings = {"2026-03-04T00:00:00Z", "2026-03-04T12:00:00Z", "2026-03-04T23:59:59Z"})
    void ofNoPaymentThatStreamsSilenceCountsAndOfNearlyAllBeforeItDoes(Instant now) throws Exception {
        Silence silence = ConfigurationFile.read(
                        CONFIGURATION,
                        RetrainConfig.class,
                        Map.of(
                                "BROKERS", "localhost:9092",
                                "REGISTRY", "http://localhost:8081",
                                "CHECKPOINTS", "file:///checkpoints",
                                "BUNDLES", "/bundles",
                                "TRUSTED_KEYS", "/trusted-keys",
                                "SIGNING_KEY", "/signing.key"))
                .silence()
                .get("fraud");

        Instant streamStart = new PaymentDays(1, Demo.mostPayments(), now).streamStart();

        assertThat(now.minus(silence.after()))
                .isBefore(streamStart)
                .isAfterOrEqualTo(streamStart.minus(Duration.ofDays(1)));
    }
}
