package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.Model;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tens of thousands of requests while tasks die at random ones, on the task's thread and on those that score. Every
 * request is known, so that every prediction can be accounted for.
 */
class RandomFailuresIT {
    private static final int REQUESTS = 50_000;
    private static final int SENT_AT_A_TIME = 500;
    private static final int ENTITIES = 250;
    private static final int DEATHS = 24;
    private static final long SEED = 20_260_301;
    /** A first checkpoint should be there, so that there is something to go back to. */
    private static final int FIRST_DEATH = 2_000;

    /** Numbers of requests that have yet to kill the task that prepares or scores them. In this JVM, as its tasks are. */
    private static final Set<Integer> KILLS_PREPARING = ConcurrentHashMap.newKeySet();

    private static final Set<Integer> KILLS_SCORING = ConcurrentHashMap.newKeySet();

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String pipeline = "failures-" + UUID.randomUUID();

    @ParameterizedTest
    @EnumSource(Delivery.class)
    void everyRequestIsAnsweredWhateverDies(Delivery delivery) {
        InferencePlatform platform = new InferencePlatform(
                KAFKA, directory, "pipelines: {%s: {modality: text, model: %s}}".formatted(pipeline, pipeline));
        platform.announce(someModelVersion(pipeline, 1));
        condemn();

        try (RunningJob job = start(platform.config(delivery, 10_000))) {
            for (int first = 0; first < REQUESTS; first += SENT_AT_A_TIME) {
                platform.sendByEntity(
                        Topic.REQUESTS_TEXT,
                        IntStream.range(first, first + SENT_AT_A_TIME)
                                .mapToObj(this::request)
                                .toList());
            }
            await().atMost(Duration.ofMinutes(2)).until(() -> KILLS_PREPARING.isEmpty() && KILLS_SCORING.isEmpty());
            platform.awaitAllBefore(Topic.REQUESTS_TEXT, pipeline, new TextPayload(Integer.toString(REQUESTS)));
        }

        Account account = Account.of(platform.predictionsByPartition());
        Path last = RunningJob.newest(directory.resolve("checkpoints")).orElseThrow();
        System.out.printf("%s: %s; last checkpoint %s%n", delivery, account, last.getFileName());
        assertThat(account.answered()).isEqualTo(REQUESTS);
        assertThat(account.differingRepeats()).isZero();
        assertThat(account.outOfOrder()).isZero();
        if (delivery == Delivery.EXACTLY_ONCE) {
            assertThat(account.predictions()).isEqualTo(REQUESTS);
        } else {
            // Else nothing was interrupted, and nothing was shown.
            assertThat(account.predictions()).isGreaterThan(REQUESTS);
        }
    }

    /**
     * @param answered requests with a prediction or more
     * @param differingRepeats predictions of an answered request with another id than its first
     * @param outOfOrder first predictions of requests that came behind a later one of the same entity, in one partition
     */
    private record Account(int predictions, int answered, int differingRepeats, int outOfOrder) {
        static Account of(Map<Integer, List<Prediction>> byPartition) {
            Map<Integer, String> ids = new HashMap<>();
            int predictions = 0;
            int differing = 0;
            int outOfOrder = 0;
            for (List<Prediction> partition : byPartition.values()) {
                Map<String, Integer> latest = new HashMap<>();
                for (Prediction prediction : partition) {
                    if (!prediction.getRequestId().startsWith("id-")) {
                        continue;
                    }
                    predictions++;
                    int number = Integer.parseInt(prediction.getRequestId().substring("id-".length()));
                    String known = ids.putIfAbsent(number, prediction.getPredictionId());
                    if (known == null) {
                        Integer before = latest.put(prediction.getEntityId(), number);
                        outOfOrder += before != null && before > number ? 1 : 0;
                    } else if (!known.equals(prediction.getPredictionId())) {
                        differing++;
                    }
                }
            }
            return new Account(predictions, ids.size(), differing, outOfOrder);
        }

        @Override
        public String toString() {
            return "%,d requests of %d entities, %d tasks killed; %,d answered, %,d lost; %,d predictions, %,d repeats, %,d of them different; %,d out of order"
                    .formatted(
                            REQUESTS,
                            ENTITIES,
                            DEATHS,
                            answered,
                            REQUESTS - answered,
                            predictions,
                            predictions - answered,
                            differingRepeats,
                            outOfOrder);
        }
    }

    private static void condemn() {
        SplittableRandom random = new SplittableRandom(SEED);
        Set<Integer> chosen = new HashSet<>();
        while (chosen.size() < DEATHS) {
            chosen.add(random.nextInt(FIRST_DEATH, REQUESTS));
        }
        KILLS_PREPARING.clear();
        KILLS_SCORING.clear();
        for (int number : chosen) {
            (random.nextBoolean() ? KILLS_PREPARING : KILLS_SCORING).add(number);
        }
    }

    private InferenceRequest request(int number) {
        return InferenceRequest.newBuilder(
                        Fixtures.request("id-" + number, pipeline, new TextPayload(Integer.toString(number))))
                .setEntityId("customer-" + number % ENTITIES)
                .build();
    }

    private RunningJob start(InferenceConfig config) {
        // The product's pause grows to a minute, which two dozen deaths in a row would reach.
        Configuration impatient = new Configuration()
                .set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofMillis(50))
                .set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofMillis(100));
        return StubbedJob.start(config, impatient, pipeline, Optional.empty(), RandomFailuresIT::load);
    }

    private static Model load(ModelVersion version) {
        return StubModel.reading(RandomFailuresIT::prepare, RandomFailuresIT::score);
    }

    private static Float prepare(Object payload) {
        int number = Integer.parseInt(((TextPayload) payload).getText());
        if (KILLS_PREPARING.remove(number)) {
            throw new AssertionError("killed before request %d was scored".formatted(number));
        }
        return (float) number;
    }

    private static void score(List<Float> numbers) {
        Set<Integer> killing = numbers.stream()
                .map(Float::intValue)
                .filter(KILLS_SCORING::contains)
                .collect(toSet());
        if (KILLS_SCORING.removeAll(killing)) {
            throw new AssertionError("killed while requests %s were scored".formatted(killing));
        }
    }
}
