package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.Model;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a {@code read_committed} reader of the predictions finds after the job was cut off in the middle. */
class DeliveryIT {
    private static final String KILLING_TEXT = "kills the task that reads it first";
    /** How often a task was killed. In this JVM, as its tasks are. */
    private static final AtomicInteger KILLED = new AtomicInteger();

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String pipeline = "delivery-" + UUID.randomUUID();

    @ParameterizedTest
    @EnumSource(Delivery.class)
    void aJobThatIsCutOffGoesOnFromItsLastCheckpoint(Delivery delivery) throws Exception {
        InferencePlatform platform = platform();
        InferenceConfig config = platform.config(delivery, 10_000);

        int sent;
        try (SteadyRequests requests = new SteadyRequests(platform, Topic.REQUESTS_TEXT, this::harmless)) {
            Path checkpoint;
            try (RunningJob first = start(config, Optional.empty())) {
                platform.awaitPredictions(500);
                checkpoint = first.cancel();
            }
            int answered = platform.predictions().size();
            try (RunningJob second = start(config, Optional.of(checkpoint))) {
                platform.awaitPredictions(answered + 500);
                sent = requests.stop();
                platform.awaitAllBefore(Topic.REQUESTS_TEXT, pipeline, new TextPayload("bye"));
            }
        }

        assertAnswered(platform.predictions(), sent, delivery);
    }

    @ParameterizedTest
    @EnumSource(Delivery.class)
    void aTaskThatDiesIsStartedAgain(Delivery delivery) throws Exception {
        InferencePlatform platform = platform();
        KILLED.set(0);

        int sent;
        try (RunningJob job = start(platform.config(delivery, 10_000), Optional.empty());
                SteadyRequests requests = new SteadyRequests(
                        platform, Topic.REQUESTS_TEXT, number -> number == 1_000 ? killer(number) : harmless(number))) {
            await().atMost(Duration.ofMinutes(2)).until(() -> KILLED.get() == 1);
            int answered = platform.predictions().size();
            platform.awaitPredictions(answered + 500);
            sent = requests.stop();
            platform.awaitAllBefore(Topic.REQUESTS_TEXT, pipeline, new TextPayload("bye"));
        }

        assertAnswered(platform.predictions(), sent, delivery);
    }

    /** There is one task from source to sink, and what is in flight is answered first: no channel has anything to keep. */
    @Test
    void unalignedCheckpointsLoseAndRepeatNothingEither() throws Exception {
        InferencePlatform platform = platform();
        InferenceConfig config = platform.config(Delivery.EXACTLY_ONCE, 10_000);
        Configuration unaligned = new Configuration().set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        KILLED.set(0);

        int sent;
        try (RunningJob job = StubbedJob.start(config, unaligned, pipeline, Optional.empty(), DeliveryIT::load);
                SteadyRequests requests = new SteadyRequests(
                        platform, Topic.REQUESTS_TEXT, number -> number == 1_000 ? killer(number) : harmless(number))) {
            await().atMost(Duration.ofMinutes(2)).until(() -> KILLED.get() == 1);
            int answered = platform.predictions().size();
            platform.awaitPredictions(answered + 500);
            sent = requests.stop();
            platform.awaitAllBefore(Topic.REQUESTS_TEXT, pipeline, new TextPayload("bye"));
        }

        assertAnswered(platform.predictions(), sent, Delivery.EXACTLY_ONCE);
    }

    private static void assertAnswered(List<Prediction> all, int requests, Delivery delivery) {
        List<Prediction> predictions = all.stream()
                .filter(prediction -> prediction.getRequestId().startsWith("id-"))
                .toList();
        Map<String, Set<String>> answers = predictions.stream()
                .collect(groupingBy(Prediction::getRequestId, mapping(Prediction::getPredictionId, toSet())));
        assertThat(answers).hasSize(requests);
        // One version answered, so that every repeat is a repeat and no second opinion.
        assertThat(answers.values()).allSatisfy(ids -> assertThat(ids).hasSize(1));
        if (delivery == Delivery.EXACTLY_ONCE) {
            assertThat(predictions).hasSize(requests);
        }
    }

    private InferencePlatform platform() {
        InferencePlatform platform = new InferencePlatform(
                KAFKA, directory, "pipelines: {%s: {modality: text, model: %s}}".formatted(pipeline, pipeline));
        platform.announce(someModelVersion(pipeline, 1));
        return platform;
    }

    private InferenceRequest harmless(int number) {
        return request("id-" + number, pipeline, new TextPayload("hello"));
    }

    private InferenceRequest killer(int number) {
        return request("id-" + number, pipeline, new TextPayload(KILLING_TEXT));
    }

    private RunningJob start(InferenceConfig config, Optional<Path> checkpoint) {
        return StubbedJob.start(config, pipeline, checkpoint, DeliveryIT::load);
    }

    private static Model load(ModelVersion version) {
        return StubModel.scoring(0.75f, DeliveryIT::killOnce);
    }

    private static void killOnce(Object payload) {
        if (payload instanceof TextPayload text && text.getText().equals(KILLING_TEXT) && KILLED.compareAndSet(0, 1)) {
            throw new AssertionError("killed");
        }
    }
}
