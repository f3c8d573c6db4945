package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Requests that come before there is any model to ask. */
class WaitingIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void aThousandRequestsWaitThroughARestartAndAreAnsweredOnceThereIsAModel() throws Exception {
        InferencePlatform platform = new InferencePlatform(KAFKA, directory, """
                pipelines:
                  waiting: {modality: record, model: waiting}
                  beside-waiting: {modality: record, model: beside-waiting}
                """);
        InferenceConfig config = platform.config(Delivery.EXACTLY_ONCE, 10_000);
        platform.publish("beside-waiting", TinyModels.record(directory.resolve("beside"), 1));
        platform.send(Topic.REQUESTS_RECORD, requests("waiting", 1_000));

        Path checkpoint;
        try (RunningJob before = platform.start(config, Optional.empty())) {
            // Another pipeline's answers are committed by a checkpoint, which those who wait are in as well.
            platform.awaitAllBefore(Topic.REQUESTS_RECORD, "beside-waiting", features(1));
            checkpoint = before.cancel();
        }
        assertThat(answers(platform, "waiting")).isEmpty();
        try (RunningJob after = platform.start(config, Optional.of(checkpoint))) {
            after.running();
            platform.publish("waiting", TinyModels.record(directory.resolve("1"), 1));
            platform.awaitPredictions(1_004);
        }

        assertThat(answers(platform, "waiting"))
                .extracting(Prediction::getRequestId)
                .doesNotHaveDuplicates()
                .hasSize(1_000);
    }

    @Test
    void aFullTaskStopsReadingSaysSoAndGoesOnOnceThereIsAModel() throws Exception {
        InferencePlatform platform =
                new InferencePlatform(KAFKA, directory, "pipelines: {crowded: {modality: record, model: crowded}}");
        platform.send(Topic.REQUESTS_RECORD, requests("crowded", 500));

        try (RunningJob job = platform.start(platform.config(Delivery.AT_LEAST_ONCE, 10), Optional.empty())) {
            assertThat(platform.awaitAlerts("crowded"))
                    .allSatisfy(alert -> assertThat(alert.getCode()).isEqualTo(AlertCode.WAITING_FOR_MODEL));
            assertThat(platform.predictions()).isEmpty();
            platform.publish("crowded", TinyModels.record(directory.resolve("1"), 1));
            platform.awaitPredictions(500);
        }

        assertThat(platform.predictions())
                .extracting(Prediction::getRequestId)
                .doesNotHaveDuplicates()
                .hasSize(500);
    }

    private static List<Prediction> answers(InferencePlatform platform, String pipeline) {
        return platform.predictions().stream()
                .filter(prediction -> prediction.getPipeline().equals(pipeline))
                .toList();
    }

    private static List<InferenceRequest> requests(String pipeline, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> request(pipeline + "-" + number, pipeline, features(number)))
                .toList();
    }

    private static FeaturesPayload features(double amount) {
        return new FeaturesPayload(Map.of("amount", amount), Map.of());
    }
}
