package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.EarlierSavepoint;
import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.models.features.RollingMemory;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Goes on from an {@link EarlierSavepoint}. */
class EarlierStateIT {
    private static final String PIPELINE = "earlier-state";
    private static final int BEFORE = 60;
    private static final int AFTER = 30;

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void aJobOfThisVersionRemembersWhatOneOfAnEarlierVersionSaw() throws Exception {
        if (EarlierSavepoint.isToBeWritten()) {
            writeSavepoint();
        }
        InferencePlatform platform = platform();
        InferenceConfig config = platform.config(Delivery.AT_LEAST_ONCE, 10_000);
        platform.publish(PIPELINE, TinyModels.record(directory.resolve("model"), 1));
        RollingMemory memory = new RollingMemory(
                platform.pipelines().named(PIPELINE).orElseThrow().rolling().values());
        List<InferenceRequest> requests = payments(BEFORE + AFTER);
        requests.subList(0, BEFORE).forEach(memory::observe);

        try (RunningJob job = RunningJob.start(platform.job(config), 1, Optional.of(EarlierSavepoint.directory()))) {
            for (InferenceRequest request : requests.subList(BEFORE, BEFORE + AFTER)) {
                Map<String, Double> expected = memory.observe(request);
                platform.sendByEntity(Topic.REQUESTS_RECORD, List.of(request));

                Prediction prediction = awaitAnswer(platform, request);

                assertThat(prediction.getFeatures().get("night"))
                        .as("state is forgotten a year after it was saved; see the README for making it anew")
                        .isEqualTo(expected.get("night"));
                assertThat(prediction.getFeatures().get("mean")).isEqualTo(expected.get("mean"));
                assertThat(prediction.getFeatures().get("cards")).isEqualTo(expected.get("cards"));
                // Said before the savepoint of the first request, so it is known of its terminal since then.
                assertThat(prediction.getFeatures().get("fraud") > 0)
                        .isEqualTo(request.getEntityId().equals("card-0"));
            }
        }
    }

    private static Prediction awaitAnswer(InferencePlatform platform, InferenceRequest request) {
        return await().atMost(Duration.ofMinutes(2))
                .until(
                        () -> platform.predictions().stream()
                                .filter(prediction -> prediction.getRequestId().equals(request.getRequestId()))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private void writeSavepoint() throws Exception {
        InferencePlatform platform = platform();
        platform.publish(PIPELINE, TinyModels.record(directory.resolve("model-before"), 1));
        try (RunningJob job =
                RunningJob.start(platform.job(platform.config(Delivery.AT_LEAST_ONCE, 10_000)), 1, Optional.empty())) {
            platform.send(Feedback.newBuilder()
                    .setRequestId("id-0")
                    .setPipeline(PIPELINE)
                    .setLabel("fraud")
                    .setSource(FeedbackSource.OUTCOME)
                    .setSaidAt(NOON)
                    .build());
            List<InferenceRequest> requests = payments(BEFORE);
            InferenceRequest ofTheFraudsTerminal = requests.get(BEFORE - 3);
            platform.sendByEntity(Topic.REQUESTS_RECORD, requests.subList(0, BEFORE - 3));
            platform.awaitPredictions(BEFORE - 3);
            job.awaitCheckpoint();
            platform.sendByEntity(Topic.REQUESTS_RECORD, requests.subList(BEFORE - 3, BEFORE));
            platform.awaitPredictions(BEFORE);
            assertThat(awaitAnswer(platform, ofTheFraudsTerminal).getFeatures().get("fraud"))
                    .isPositive();
            EarlierSavepoint.leave(job, directory.resolve("savepoints"));
        }
    }

    /** Windows are as long as they may be: what no window needs any more is forgotten, a savepoint's state too. */
    private InferencePlatform platform() {
        return new InferencePlatform(KAFKA, directory, """
                pipelines:
                  %s:
                    modality: record
                    model: %s
                    rolling:
                      card:
                        key: entity
                        features:
                          night: {count: {window: P365D}}
                          mean: {mean: {of: amount, window: P365D}}
                      terminal:
                        key: category.terminal
                        features:
                          cards: {distinct: {of: entity, window: P365D}}
                          fraud: {label-share: {label: fraud, window: P365D}}
                """.formatted(PIPELINE, PIPELINE));
    }

    /** A terminal for each card, so that what it sees comes in one order only. */
    private static List<InferenceRequest> payments(int count) {
        List<InferenceRequest> payments = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            int card = number % 3;
            payments.add(InferenceRequest.newBuilder()
                    .setRequestId("id-" + number)
                    .setPipeline(PIPELINE)
                    .setEntityId("card-" + card)
                    .setEventTime(NOON.plusSeconds(20L * number))
                    .setPayload(new FeaturesPayload(
                            Map.of("amount", 10.0 + number), Map.of("terminal", "terminal-" + card)))
                    .build());
        }
        return payments;
    }
}
