package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TrustIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String pipeline = "trust-" + UUID.randomUUID();

    @Test
    void aVersionThatNobodyTrustedHasSignedIsRefusedAndTheOneBeforeItServesOn() throws Exception {
        InferencePlatform platform = new InferencePlatform(
                KAFKA, directory, "pipelines: {%s: {modality: text, model: %s}}".formatted(pipeline, pipeline));
        platform.publish(pipeline, TinyModels.text(directory.resolve("first"), 1));
        try (RunningJob job = platform.start(platform.config(Delivery.AT_LEAST_ONCE, 100), Optional.empty())) {
            platform.send(Topic.REQUESTS_TEXT, List.of(request("id-1", pipeline, new TextPayload("hello"))));
            platform.awaitPredictions(1);

            platform.publishUnsigned(pipeline, TinyModels.text(directory.resolve("second"), 2));

            List<Alert> alerts = platform.awaitAlerts(pipeline);
            platform.send(Topic.REQUESTS_TEXT, List.of(request("id-2", pipeline, new TextPayload("hello again"))));
            assertThat(platform.awaitPredictions(2))
                    .extracting(Prediction::getModelVersion)
                    .containsOnly(1);
            assertThat(alerts).allSatisfy(alert -> {
                assertThat(alert.getCode()).isEqualTo(AlertCode.VERSION_REFUSED);
                assertThat(alert.getModelVersion()).isEqualTo(2);
                assertThat(alert.getMessage()).contains("nobody signed it; sign it with 'penstock models sign'");
            });
        }
    }
}
