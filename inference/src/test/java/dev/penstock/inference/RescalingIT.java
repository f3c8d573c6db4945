package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.NOON;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.models.features.RollingMemory;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job with more tasks and with fewer, each time from the savepoint of the last. */
class RescalingIT {
    private static final int STAGE = 500;
    private static final List<Integer> PARALLELISM = List.of(2, 4, 2);

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String pipeline = "rescaled-" + UUID.randomUUID();

    @Test
    void keysKeepTheirPastAndNothingIsAnsweredTwiceWhateverTheParallelism() throws Exception {
        InferencePlatform platform = new InferencePlatform(KAFKA, directory, """
                pipelines:
                  %s:
                    modality: record
                    model: %s
                    rolling:
                      card:
                        key: entity
                        features:
                          night: {count: {window: P30D}}
                          mean: {mean: {of: amount, window: P30D}}
                """.formatted(pipeline, pipeline));
        InferenceConfig config = platform.config(Delivery.EXACTLY_ONCE, 10_000);
        platform.publish(pipeline, TinyModels.record(directory.resolve("model"), 1));
        List<InferenceRequest> requests = payments(PARALLELISM.size() * STAGE);
        RollingMemory memory = new RollingMemory(
                platform.pipelines().named(pipeline).orElseThrow().rolling().values());
        Map<String, Map<String, Double>> expected =
                requests.stream().collect(toMap(InferenceRequest::getRequestId, memory::observe));

        Optional<Path> savepoint = Optional.empty();
        for (int stage = 0; stage < PARALLELISM.size(); stage++) {
            platform.sendByEntity(Topic.REQUESTS_RECORD, requests.subList(stage * STAGE, (stage + 1) * STAGE));
            try (RunningJob job = RunningJob.start(platform.job(config), PARALLELISM.get(stage), savepoint)) {
                platform.awaitPredictions((stage + 1) * STAGE);
                savepoint = Optional.of(job.stop(directory.resolve("savepoints")));
            }
        }

        List<Prediction> predictions = platform.predictions();
        assertThat(predictions)
                .extracting(Prediction::getRequestId)
                .containsExactlyInAnyOrderElementsOf(expected.keySet());
        assertThat(predictions).allSatisfy(prediction -> assertThat(prediction.getFeatures())
                .isEqualTo(expected.get(prediction.getRequestId())));
    }

    private List<InferenceRequest> payments(int count) {
        Random random = new Random(1);
        List<InferenceRequest> payments = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            payments.add(InferenceRequest.newBuilder()
                    .setRequestId("id-" + number)
                    .setPipeline(pipeline)
                    .setEntityId("card-" + random.nextInt(50))
                    .setEventTime(NOON.plusSeconds(20L * number))
                    .setPayload(new FeaturesPayload(Map.of("amount", 1.0 + random.nextInt(100)), Map.of()))
                    .build());
        }
        return payments;
    }
}
