package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.NOON;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

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
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Features that look back, with their state in RocksDB, through a job that is cut off. */
class RollingFeaturesIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String pipeline = "rolling-" + UUID.randomUUID();

    /** The model reads {@code amount} and {@code night}; the latter is how often the card was used before. */
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
                          night: {count: {window: PT1H}}
                          mean: {mean: {of: amount, window: P1D}}
                          pause: {since-last: {}}
                      terminal:
                        key: category.terminal
                        features:
                          cards: {distinct: {of: entity, window: P7D}}
                          fraud: {label-share: {label: fraud, window: P7D}}
                """.formatted(pipeline, pipeline));
    }

    @Test
    void featuresAreTheSameWhateverBecomesOfTheJob() throws Exception {
        InferencePlatform platform = platform();
        InferenceConfig config = platform.config(Delivery.EXACTLY_ONCE, 10_000);
        platform.publish(pipeline, TinyModels.record(directory.resolve("model"), 1));
        List<InferenceRequest> requests = payments(2_000);
        RollingMemory memory = new RollingMemory(
                platform.pipelines().named(pipeline).orElseThrow().rolling().values());
        Map<String, Map<String, Double>> expected =
                requests.stream().collect(toMap(InferenceRequest::getRequestId, memory::observe));

        Path checkpoint;
        try (RunningJob first = platform.start(config, Optional.empty())) {
            platform.sendByEntity(Topic.REQUESTS_RECORD, requests.subList(0, 1_000));
            platform.awaitPredictions(500);
            checkpoint = first.cancel();
        }
        platform.sendByEntity(Topic.REQUESTS_RECORD, requests.subList(1_000, 2_000));
        List<Prediction> predictions;
        try (RunningJob second = platform.start(config, Optional.of(checkpoint))) {
            predictions = platform.awaitPredictions(2_000);
        }

        assertThat(predictions).hasSize(2_000);
        assertThat(predictions).allSatisfy(prediction -> {
            Map<String, Double> features = expected.get(prediction.getRequestId());
            assertThat(prediction.getFeatures()).isEqualTo(features);
            assertThat(prediction.getScores().get("fraud"))
                    .isCloseTo(TinyModels.fraudScore(10, features.get("night"), 1), within(1e-5f));
        });
    }

    @Test
    void feedbackOnOneRequestShowsInTheNextOfItsKey() throws Exception {
        InferencePlatform platform = platform();
        platform.publish(pipeline, TinyModels.record(directory.resolve("model"), 1));
        try (RunningJob job = platform.start(platform.config(Delivery.AT_LEAST_ONCE, 10_000), Optional.empty())) {
            platform.send(feedback("id-0"));
            platform.sendBytes(Topic.FEEDBACK, "nothing of ours".getBytes(UTF_8));
            platform.sendByEntity(Topic.REQUESTS_RECORD, List.of(payment(0, "ann", "shop", 10)));
            List<DeadLetter> letters = platform.awaitDeadLetters(1);

            await().atMost(Duration.ofMinutes(1)).until(() -> {
                int next = platform.predictions().size();
                platform.sendByEntity(Topic.REQUESTS_RECORD, List.of(payment(next, "bob", "shop", 10)));
                return platform.awaitPredictions(next + 1).stream()
                        .anyMatch(prediction -> prediction.getFeatures().get("fraud") > 0);
            });

            assertThat(letters).extracting(DeadLetter::code).containsExactly(DeadLetterCode.MALFORMED_RECORD);
            assertThat(platform.predictions()).allSatisfy(prediction -> {
                double frauds = prediction.getFeatures().get("fraud")
                        * (1 + Integer.parseInt(prediction.getRequestId().substring("id-".length())));
                assertThat(frauds).isBetween(-1e-9, 1 + 1e-9);
            });
        }
    }

    /** A terminal for each card, so that what it sees comes in one order only. */
    private List<InferenceRequest> payments(int count) {
        Random random = new Random(1);
        List<InferenceRequest> payments = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            int card = random.nextInt(50);
            payments.add(payment(number, "card-" + card, "terminal-" + card, 10));
        }
        return payments;
    }

    private InferenceRequest payment(int number, String card, String terminal, double amount) {
        return InferenceRequest.newBuilder()
                .setRequestId("id-" + number)
                .setPipeline(pipeline)
                .setEntityId(card)
                .setEventTime(NOON.plusSeconds(20L * number))
                .setPayload(new FeaturesPayload(Map.of("amount", amount), Map.of("terminal", terminal)))
                .build();
    }

    private Feedback feedback(String requestId) {
        return Feedback.newBuilder()
                .setRequestId(requestId)
                .setPipeline(pipeline)
                .setLabel("fraud")
                .setSource(FeedbackSource.OUTCOME)
                .setSaidAt(NOON)
                .build();
    }
}
