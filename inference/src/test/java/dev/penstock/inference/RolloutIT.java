package dev.penstock.inference;

import static dev.penstock.inference.Rollouts.canary;
import static dev.penstock.inference.Rollouts.champion;
import static dev.penstock.inference.Rollouts.shadow;
import static dev.penstock.schemas.Fixtures.request;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A trial, a promotion and a way back, while requests come in without a pause. */
class RolloutIT {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutIT.class);
    private static final Duration PUBLISHED_TO_SHADOW = Duration.ofSeconds(5);
    private static final Duration WAY_BACK = Duration.ofSeconds(2);
    /** A step begins so much later, so that every task knows of it by then, and a replay assigns what was assigned. */
    private static final Duration LEAD = Duration.ofSeconds(2);

    private static final Duration LEAD_OF_THE_WAY_BACK = Duration.ofSeconds(1);

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final Clock clock = Clock.systemUTC();
    private final List<RolloutStep> steps = new ArrayList<>(List.of(champion(0, 1)));

    @Test
    void requestsFollowTheRolloutAndNoneIsLostOrDoubled() throws Exception {
        InferencePlatform platform = new InferencePlatform(KAFKA, directory, """
                pipelines: {rollout: {modality: text, model: rollout}}
                """);
        InferenceConfig config = platform.config(Delivery.AT_LEAST_ONCE, 10_000);
        platform.publish("rollout", TinyModels.text(directory.resolve("1"), 1));
        platform.roll(Rollouts.of("rollout", steps));
        int sent;
        Instant wayBack;
        try (RunningJob job = platform.start(config, Optional.empty());
                SteadyRequests requests = new SteadyRequests(platform, Topic.REQUESTS_TEXT, RolloutIT::numbered)) {
            platform.awaitPredictions(200);

            ModelVersion published = platform.publish("rollout", TinyModels.text(directory.resolve("2"), 2));
            roll(platform, shadow(clock.millis(), 1, 2));
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> !platform.shadowPredictions().isEmpty());
            Duration untilShadow = Duration.between(
                    published.getPublishedAt(),
                    platform.shadowPredictions().stream()
                            .map(each -> each.getTiming().getScoredAt())
                            .min(Instant::compareTo)
                            .orElseThrow());
            LOG.info("{} from published to the first shadow", untilShadow);
            assertThat(untilShadow).isLessThanOrEqualTo(PUBLISHED_TO_SHADOW);

            roll(platform, canary(clock.millis() + LEAD.toMillis(), 1, 2, 0.3));
            awaitAny(platform, each -> each.getVariant() == Variant.CANARY);
            roll(platform, champion(clock.millis() + LEAD.toMillis(), 2));
            awaitAny(platform, each -> each.getModelVersion() == 2 && each.getVariant() == Variant.CHAMPION);

            wayBack = clock.instant();
            roll(platform, champion(wayBack.plus(LEAD_OF_THE_WAY_BACK).toEpochMilli(), 1));
            Instant after = wayBack.plus(WAY_BACK);
            awaitAny(platform, each -> each.getTiming().getScoredAt().isAfter(after));
            sent = requests.stop();
            platform.awaitPredictions(sent);
        }

        List<Prediction> first = platform.predictions();
        assertThat(first)
                .extracting(Prediction::getRequestId)
                .doesNotHaveDuplicates()
                .hasSize(sent);
        assertThat(first)
                .extracting(Prediction::getVariant)
                .contains(Variant.CHAMPION, Variant.CANARY, Variant.CONTROL)
                .doesNotContain(Variant.SHADOW);
        Duration untilLast = Duration.between(
                wayBack,
                first.stream()
                        .filter(each -> each.getModelVersion() == 2)
                        .map(each -> each.getTiming().getScoredAt())
                        .max(Instant::compareTo)
                        .orElseThrow());
        LOG.info(
                "{} of {} requests in all; {} from the way back until the last answer of the version before",
                first.size(),
                sent,
                untilLast);
        assertThat(untilLast).isLessThanOrEqualTo(WAY_BACK);

        assertAReplayAssignsTheSame(platform, config, first);
    }

    /** All over again, without what the job remembered; a prediction's id tells version and variant. */
    private void assertAReplayAssignsTheSame(
            InferencePlatform platform, InferenceConfig config, List<Prediction> first) {
        platform.startOver();
        try (RunningJob replay = platform.start(config, Optional.empty())) {
            platform.awaitPredictions(2 * first.size());
        }

        Map<String, String> answeredFirst = first.stream()
                .collect(toMap(Prediction::getRequestId, each -> each.getModelVersion() + " " + each.getVariant()));
        assertThat(platform.predictions())
                .allSatisfy(each -> assertThat(each.getModelVersion() + " " + each.getVariant())
                        .isEqualTo(answeredFirst.get(each.getRequestId())));
        Set<String> ids = first.stream().map(Prediction::getPredictionId).collect(toSet());
        assertThat(platform.predictions())
                .extracting(Prediction::getPredictionId)
                .allMatch(ids::contains);
    }

    private void roll(InferencePlatform platform, RolloutStep step) {
        steps.add(step);
        platform.roll(Rollouts.of("rollout", steps));
    }

    private static void awaitAny(InferencePlatform platform, Predicate<Prediction> wanted) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> platform.predictions().stream().anyMatch(wanted));
    }

    private static InferenceRequest numbered(int number) {
        return InferenceRequest.newBuilder(request("rollout-" + number, "rollout", new TextPayload("cheap spam")))
                .setEntityId("entity-" + number % 97)
                .build();
    }
}
