package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A better version is published while requests come in without a pause. */
class SwapIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void aNewVersionTakesOverWithoutALossARepeatOrAStepBack() throws Exception {
        InferencePlatform platform = new InferencePlatform(KAFKA, directory, """
                pipelines: {swap: {modality: text, model: swap}}
                """);
        platform.publish("swap", TinyModels.text(directory.resolve("1"), 1));
        int sent;
        try (RunningJob job = platform.start(platform.config(Delivery.AT_LEAST_ONCE, 10_000), Optional.empty());
                SteadyRequests requests = new SteadyRequests(platform, Topic.REQUESTS_TEXT, SwapIT::spam)) {
            platform.awaitPredictions(200);
            platform.publish("swap", TinyModels.text(directory.resolve("2"), 2));
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> platform.predictions().stream().anyMatch(each -> each.getModelVersion() == 2));
            sent = requests.stop();
            platform.awaitPredictions(sent);
        }

        List<Prediction> predictions = platform.predictions();
        assertThat(predictions)
                .extracting(Prediction::getRequestId)
                .doesNotHaveDuplicates()
                .hasSize(sent);
        assertThat(predictions).extracting(Prediction::getModelVersion).contains(1, 2);
        assertThat(predictions)
                .allSatisfy(prediction -> assertThat(prediction.getScores().get("spam"))
                        .isCloseTo(TinyModels.spamScore(true, prediction.getModelVersion()), within(1e-6f)));
        predictions.stream()
                .collect(groupingBy(prediction -> prediction.getOrigin().getPartition()))
                .forEach((partition, inIt) -> assertThat(inIt.stream()
                                .sorted(Comparator.comparing(
                                        prediction -> prediction.getOrigin().getOffset()))
                                .map(Prediction::getModelVersion))
                        .as("versions along partition %d", partition)
                        .isSorted());
    }

    /** Without an origin of its own, so that its prediction names where the request itself lies. */
    private static InferenceRequest spam(int number) {
        return InferenceRequest.newBuilder(request("swap-" + number, "swap", new TextPayload("cheap spam")))
                .setOrigin(null)
                .build();
    }
}
