package dev.penstock.inference.scoring;

import static dev.penstock.inference.Rollouts.canary;
import static dev.penstock.inference.Rollouts.champion;
import static dev.penstock.inference.Rollouts.shadow;
import static dev.penstock.schemas.Fixtures.NOON;
import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.Exploration;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.Rollouts;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.inference.versions.ServedModels;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.rollouts.Assignment;
import dev.penstock.schemas.rollouts.Assignments;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FollowingRolloutsTest {
    private final String registryUrl = "mock://" + UUID.randomUUID();
    private final List<StubModel> loaded = new CopyOnWriteArrayList<>();
    private final List<Integer> loads = new CopyOnWriteArrayList<>();
    private final List<ScoreRequestsHarness> harnesses = new ArrayList<>();
    private FollowedByTest<ModelVersion> announcements = FollowedByTest.readAtOnce();
    private FollowedByTest<RolloutState> rollouts = FollowedByTest.readAtOnce();
    private Exploration exploration = Exploration.none();
    private ModelLoader models = version -> scoring(version.getVersion());

    @TempDir
    private Path directory;

    /** Version 1 scores 0.51 for spam, version 2 0.52, and so on. */
    private static StubModel scoring(int version) {
        return StubModel.scoring(0.5f + version / 100f);
    }

    @AfterEach
    void everyModelIsClosed() throws Exception {
        for (ScoreRequestsHarness harness : harnesses) {
            harness.close();
        }
        assertThat(loaded).allMatch(StubModel::isClosed);
    }

    /** Else a newer version that is unproven would serve for a moment after a restart. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nobodyIsAnsweredBeforeVersionsAndRolloutsWereBothReadToTheirEnds(boolean areVersionsReadFirst)
            throws Exception {
        announcements = FollowedByTest.readSlowly();
        rollouts = FollowedByTest.readSlowly();
        announcements.holds(someModelVersion("spam", 1));
        announcements.holds(someModelVersion("spam", 2));
        rollouts.holds(Rollouts.of("spam", champion(0, 1)));
        ScoreRequestsHarness harness = opened();

        harness.request(numbered(1));
        (areVersionsReadFirst ? announcements : rollouts).reachEnd();
        harness.request(numbered(2));
        harness.runWhatIsThere();
        assertThat(harness.predictions()).isEmpty();
        assertThat(loads).isEmpty();

        (areVersionsReadFirst ? rollouts : announcements).reachEnd();
        harness.runUntil(() -> harness.predictions().size() == 2);

        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1, 1);
        assertThat(loads).containsExactly(1);
    }

    @Test
    void everyRequestIsAnsweredAsTheRolloutAssignsIt() throws Exception {
        RolloutState state = Rollouts.of("spam", champion(0, 1), canary(5_000, 1, 2, 0.25), champion(9_000, 2));
        ScoreRequestsHarness harness = following(state, 1, 2);
        Assignments assignments = new Assignments(state);
        Map<String, Assignment> expected = new HashMap<>();

        for (int number = 0; number < 300; number++) {
            InferenceRequest request = numbered(number);
            long at = 40L * number;
            harness.request(request, at);
            expected.put(request.getRequestId(), assignments.of(request.getEntityId(), at));
        }

        assertThat(harness.predictions()).hasSize(300).allSatisfy(prediction -> {
            Assignment assignment = expected.get(prediction.getRequestId());
            assertThat(prediction.getModelVersion()).isEqualTo(assignment.version());
            assertThat(prediction.getVariant()).isEqualTo(assignment.variant());
        });
        assertThat(harness.predictions())
                .extracting(Prediction::getVariant)
                .contains(Variant.CHAMPION, Variant.CANARY, Variant.CONTROL);
    }

    @Test
    void aCanaryOnItsWayIsAnsweredForByTheChampion() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        models = version -> {
            if (version.getVersion() == 2) {
                await(release);
            }
            return scoring(version.getVersion());
        };
        ScoreRequestsHarness harness = following(Rollouts.of("spam", champion(0, 1)), 1);
        harness.announce(someModelVersion("spam", 2));
        harness.roll(Rollouts.of("spam", champion(0, 1), canary(500, 1, 2, 1)));
        harness.runWhatIsThere();

        harness.request(numbered(1));
        assertThat(harness.predictions()).singleElement().satisfies(prediction -> {
            assertThat(prediction.getModelVersion()).isEqualTo(1);
            assertThat(prediction.getVariant()).isEqualTo(Variant.CHAMPION);
        });

        release.countDown();
        harness.runUntil(() -> harness.residentVersions() == 2);
        harness.request(numbered(2));
        assertThat(harness.predictions())
                .last()
                .extracting(Prediction::getVariant)
                .isEqualTo(Variant.CANARY);
    }

    /** So that a replay after a restart assigns the same versions. */
    @Test
    void atAStartTheVersionsThatTheRolloutNamesAreWaitedFor() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        models = version -> {
            if (version.getVersion() == 2) {
                await(release);
            }
            return scoring(version.getVersion());
        };
        ScoreRequestsHarness harness = beginning(Rollouts.of("spam", canary(0, 1, 2, 1)), 1, 2);
        harness.request(numbered(1));
        harness.runUntil(() -> harness.residentVersions() == 1);
        assertThat(harness.predictions()).isEmpty();

        release.countDown();
        harness.runUntil(() -> !harness.predictions().isEmpty());

        assertThat(harness.predictions())
                .singleElement()
                .extracting(Prediction::getVariant)
                .isEqualTo(Variant.CANARY);
    }

    @Test
    void aCanaryThatIsRefusedHereIsAnsweredForByTheChampion() throws Exception {
        models = refusing(2);
        ScoreRequestsHarness harness = following(Rollouts.of("spam", canary(0, 1, 2, 1)), 1, 2);

        harness.request(numbered(1));

        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1);
        assertThat(harness.alerts()).extracting(Alert::getModelVersion).containsExactly(2);
    }

    @Test
    void theChampionBeforeServesOnWhereTheChampionIsRefusedHere() throws Exception {
        models = refusing(2);
        ScoreRequestsHarness harness = following(Rollouts.of("spam", champion(0, 1)), 1, 2);

        harness.roll(Rollouts.of("spam", champion(0, 1), champion(500, 2)));
        harness.runUntil(() -> !harness.alerts().isEmpty());
        harness.request(numbered(1));

        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1);
    }

    @Test
    void aVersionThatDidNotPassItsGatesIsNeverLoaded() throws Exception {
        ModelVersion refused = ModelVersion.newBuilder(someModelVersion("spam", 2))
                .setRefusedBecause(List.of("it is worse by 4 points"))
                .build();
        announcements.holds(refused);
        ScoreRequestsHarness ruled = following(Rollouts.of("spam", canary(0, 1, 2, 1)), 1);
        ruled.request(numbered(1));

        announcements = FollowedByTest.readAtOnce();
        rollouts = FollowedByTest.readAtOnce();
        announcements.holds(refused);
        announcements.holds(someModelVersion("spam", 1));
        ScoreRequestsHarness free = opened();
        free.request(numbered(1));
        free.runUntil(() -> !free.predictions().isEmpty());

        assertThat(List.of(ruled.predictions(), free.predictions())).allSatisfy(answers -> assertThat(answers)
                .extracting(Prediction::getModelVersion)
                .containsExactly(1));
        assertThat(loads).containsExactly(1, 1);
    }

    @Test
    void goingBackLoadsNothing() throws Exception {
        ScoreRequestsHarness harness = following(Rollouts.of("spam", champion(0, 1), shadow(100, 1, 2)), 1, 2);
        RolloutStep promoted = champion(200, 2);
        harness.roll(Rollouts.of("spam", champion(0, 1), shadow(100, 1, 2), promoted));
        harness.roll(Rollouts.of("spam", champion(0, 1), promoted, shadow(300, 2, 3)));
        harness.announce(someModelVersion("spam", 3));
        harness.runUntil(() -> harness.residentVersions() == 3);
        loads.clear();

        harness.roll(Rollouts.of("spam", champion(0, 1), promoted, shadow(300, 2, 3), champion(400, 1)));
        harness.runWhatIsThere();
        harness.request(numbered(1));

        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1);
        assertThat(loads).isEmpty();
    }

    @Test
    void whatARolloutJobWritesLateChangesNobodysAnswer() throws Exception {
        RolloutState promoted = at(5, Rollouts.of("spam", champion(0, 1), champion(100, 2)));
        ScoreRequestsHarness harness = following(promoted, 1, 2);
        harness.runUntil(() -> harness.residentVersions() == 2);
        loads.clear();

        harness.roll(at(4, Rollouts.of("spam", champion(0, 1))));
        harness.runWhatIsThere();
        harness.request(numbered(1));
        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(2);

        harness.roll(at(6, Rollouts.of("spam", champion(0, 1))));
        harness.runWhatIsThere();
        harness.request(numbered(2));
        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(2, 1);
        assertThat(loads).isEmpty();
    }

    private static RolloutState at(long changedAt, RolloutState state) {
        return RolloutState.newBuilder(state)
                .setChangedAt(Instant.ofEpochMilli(changedAt))
                .build();
    }

    @Test
    void aShadowIsAskedAsWellAndItsAnswersAreKeptApart() throws Exception {
        ScoreRequestsHarness harness = following(Rollouts.of("spam", shadow(0, 1, 2)), 1, 2);

        for (int number = 0; number < 20; number++) {
            harness.request(numbered(number));
        }
        harness.runUntil(() -> harness.shadowPredictions().size() == 20);

        assertThat(harness.predictions()).hasSize(20).allSatisfy(prediction -> {
            assertThat(prediction.getModelVersion()).isEqualTo(1);
            assertThat(prediction.getVariant()).isEqualTo(Variant.CHAMPION);
        });
        assertThat(harness.shadowPredictions()).allSatisfy(prediction -> {
            assertThat(prediction.getModelVersion()).isEqualTo(2);
            assertThat(prediction.getVariant()).isEqualTo(Variant.SHADOW);
            assertThat(prediction.getScores().get("spam")).isEqualTo(0.52f);
        });
        assertThat(ids(harness.shadowPredictions())).isEqualTo(ids(harness.predictions()));
    }

    @Test
    void whateverAShadowThrowsIsItsFailureAndNobodyElses() throws Exception {
        models = version -> version.getVersion() == 1
                ? scoring(1)
                : StubModel.reading(FollowingRolloutsTest::number, numbers -> {
                    if (numbers.contains(3f)) {
                        throw new StackOverflowError("of a recursive graph");
                    }
                    if (numbers.contains(5f)) {
                        throw new IllegalStateException("five");
                    }
                });
        ScoreRequestsHarness harness = following(Rollouts.of("spam", shadow(0, 1, 2)), 1, 2);

        for (int number = 0; number < 8; number++) {
            int asked = number + 1;
            harness.request(numbered(number));
            harness.runUntil(() -> harness.shadowPredictions().size() == asked);
        }

        assertThat(harness.predictions()).hasSize(8).allMatch(each -> each.getOutcome() instanceof Decision);
        assertThat(harness.deadLetters()).isEmpty();
        assertThat(harness.shadowPredictions())
                .filteredOn(prediction -> prediction.getOutcome() instanceof Abstention)
                .allSatisfy(failure -> assertThat(((Abstention) failure.getOutcome()).getReason())
                        .isEqualTo(AbstentionReason.MODEL_FAILED))
                .extracting(Prediction::getRequestId)
                .containsExactly("id-3", "id-5");
    }

    @Test
    void aShadowThatHangsHoldsUpNeitherAnswersNorCheckpoints() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        models = version -> version.getVersion() == 1
                ? scoring(1)
                : StubModel.reading(FollowingRolloutsTest::number, numbers -> {
                    if (!numbers.equals(List.of(1f))) {
                        await(release);
                    }
                });
        ScoreRequestsHarness harness = following(Rollouts.of("spam", shadow(0, 1, 2)), 1, 2);

        int requests = ShadowScoring.MOST_WAITING + BatchLimits.usual().rows() + 500;
        for (int number = 0; number < requests; number++) {
            harness.request(numbered(number));
        }
        harness.snapshot(1, 1);

        assertThat(harness.predictions()).hasSize(requests);
        assertThat(harness.shadowPredictions()).isEmpty();
        harness.finish();
        release.countDown();
        harness.runWhatIsThere();
        assertThat(harness.shadowPredictions()).isEmpty();
    }

    @Test
    void theChampionAnswersWhereACanaryCannotReadTheRequest() throws Exception {
        models = version -> version.getVersion() == 1
                ? scoring(1)
                : StubModel.rejecting(DeadLetterCode.TEXT_TOO_LONG, "Cannot use the text: it is too long");
        ScoreRequestsHarness harness = following(Rollouts.of("spam", canary(0, 1, 2, 1)), 1, 2);

        harness.request(numbered(1));

        assertThat(harness.predictions()).singleElement().satisfies(prediction -> {
            assertThat(prediction.getModelVersion()).isEqualTo(1);
            assertThat(prediction.getVariant()).isEqualTo(Variant.CHAMPION);
        });
        assertThat(harness.deadLetters()).isEmpty();
        assertThat(harness.shadowPredictions()).singleElement().satisfies(failure -> {
            assertThat(failure.getModelVersion()).isEqualTo(2);
            assertThat(failure.getVariant()).isEqualTo(Variant.CANARY);
            assertThat(((Abstention) failure.getOutcome()).getReason()).isEqualTo(AbstentionReason.MODEL_FAILED);
        });
    }

    @Test
    void aShareOfTheDecisionsThatBlockTheirLabelIsLeftOutAndWeighed() throws Exception {
        exploration = new Exploration("spam", 0.1);
        ScoreRequestsHarness harness = following(Rollouts.of("spam", champion(0, 1)), 1);

        for (int number = 0; number < 2_000; number++) {
            harness.request(numbered(number));
        }

        List<Prediction> explored = harness.predictions().stream()
                .filter(prediction -> prediction.getOutcome() instanceof Abstention)
                .toList();
        assertThat(explored).hasSizeBetween(150, 250).allSatisfy(prediction -> {
            Abstention abstention = (Abstention) prediction.getOutcome();
            assertThat(abstention.getReason()).isEqualTo(AbstentionReason.EXPLORED);
            assertThat(abstention.getLikeliestLabel()).isEqualTo("spam");
            assertThat(prediction.getPropensity()).isEqualTo(0.1);
        });
        assertThat(harness.predictions())
                .filteredOn(prediction -> prediction.getOutcome() instanceof Decision)
                .allSatisfy(prediction -> assertThat(prediction.getPropensity()).isEqualTo(1));
    }

    @Test
    void decisionsForOtherLabelsAreAlwaysMade() throws Exception {
        exploration = new Exploration("ham", 1);
        ScoreRequestsHarness harness = following(Rollouts.of("spam", champion(0, 1)), 1);

        harness.request(numbered(1));

        assertThat(harness.predictions()).singleElement().satisfies(prediction -> {
            assertThat(prediction.getOutcome()).isInstanceOf(Decision.class);
            assertThat(prediction.getPropensity()).isEqualTo(1);
        });
    }

    /**
     * Steps, late and early requests, swaps, barriers and models that fail on some requests, in any order: every request
     * has one outcome, by the version that the rollout assigned it to when it came; and what is served is the same
     * whether a shadow is asked or not.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverHappensEveryRequestIsAnsweredOnceByWhomItIsAssignedTo(long seed) throws Exception {
        models = version -> StubModel.reading(FollowingRolloutsTest::number, numbers -> {
            if (numbers.stream().anyMatch(number -> number % (7 + version.getVersion()) == 0)) {
                throw new IllegalStateException("version %d fails".formatted(version.getVersion()));
            }
        });

        List<String> withShadows = answersTo(seed, true);
        List<String> withoutShadows = answersTo(seed, false);

        assertThat(withoutShadows).containsExactlyInAnyOrderElementsOf(withShadows);
    }

    private List<String> answersTo(long seed, boolean areShadowsAsked) throws Exception {
        Random random = new Random(seed);
        announcements = FollowedByTest.readAtOnce();
        rollouts = FollowedByTest.readAtOnce();
        List<RolloutStep> steps = new ArrayList<>(List.of(champion(0, 1)));
        ScoreRequestsHarness harness = following(Rollouts.of("spam", steps), 1, 2, 3, 4);
        Set<Integer> named = new HashSet<>(Set.of(1));
        Map<String, String> expected = new HashMap<>();
        long now = 1_000;
        for (int number = 1; number <= 600; number++) {
            now += random.nextInt(10);
            if (random.nextInt(40) == 0) {
                RolloutStep step = randomStep(random, now);
                RolloutStep used = !areShadowsAsked && step.getShare() == 0
                        ? RolloutStep.newBuilder(step).setCandidate(null).build()
                        : step;
                steps.add(used);
                named.add(used.getChampion());
                if (used.getCandidate() != null) {
                    named.add(used.getCandidate());
                }
                harness.roll(Rollouts.of("spam", steps));
                harness.runWhatIsThere();
                harness.runUntil(() -> harness.residentVersions() == named.size());
            }
            if (random.nextInt(30) == 0) {
                harness.flush();
            }
            if (random.nextInt(4) == 0) {
                harness.runWhatIsThere();
            }
            InferenceRequest request = numbered(number);
            long at = random.nextInt(5) == 0 ? random.nextInt((int) now) : now;
            harness.request(request, at);
            expected.put(
                    request.getRequestId(), expected(new Assignments(Rollouts.of("spam", steps)), request, at, number));
        }

        List<String> answers = new ArrayList<>();
        harness.predictions()
                .forEach(each -> answers.add("%s %d %s %s"
                        .formatted(
                                each.getRequestId(),
                                each.getModelVersion(),
                                each.getVariant(),
                                each.getPredictionId())));
        harness.deadLetters().forEach(each -> answers.add(each.requestId().orElseThrow() + " dead"));
        assertThat(answers)
                .extracting(answer -> answer.replaceFirst(" [0-9a-f-]{36}$", ""))
                .containsExactlyInAnyOrderElementsOf(expected.values());
        return answers;
    }

    private static RolloutStep randomStep(Random random, long now) {
        int champion = 1 + random.nextInt(4);
        int candidate = 1 + (champion + random.nextInt(3)) % 4;
        return switch (random.nextInt(4)) {
            case 0 -> champion(now, champion);
            case 1 -> shadow(now, champion, candidate);
            default -> canary(now, champion, candidate, random.nextInt(11) / 10.0);
        };
    }

    private static String expected(Assignments assignments, InferenceRequest request, long at, int number) {
        Assignment assignment = assignments.of(request.getEntityId(), at);
        int version = assignment.version();
        Variant variant = assignment.variant();
        if (variant == Variant.CANARY && number % (7 + version) == 0) {
            version = assignments.stepAt(at).getChampion();
            variant = Variant.CHAMPION;
        }
        return number % (7 + version) == 0
                ? request.getRequestId() + " dead"
                : "%s %d %s".formatted(request.getRequestId(), version, variant);
    }

    private static Set<String> ids(List<Prediction> predictions) {
        return predictions.stream().map(Prediction::getRequestId).collect(toSet());
    }

    private static InferenceRequest numbered(int number) {
        return InferenceRequest.newBuilder(request("id-" + number, "spam", new TextPayload(Integer.toString(number))))
                .setEntityId("entity-" + number % 50)
                .build();
    }

    private static Float number(Object payload) {
        return Float.valueOf(((TextPayload) payload).getText());
    }

    private static ModelLoader refusing(int number) {
        return version -> {
            if (version.getVersion() == number) {
                throw new ModelRefusedException("Cannot use it: it writes files");
            }
            return scoring(version.getVersion());
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private StubModel load(ModelVersion version) throws IOException {
        loads.add(version.getVersion());
        StubModel model = (StubModel) models.load(version);
        loaded.add(model);
        return model;
    }

    /** One that answers already. */
    private ScoreRequestsHarness following(RolloutState state, int... versions) throws Exception {
        ScoreRequestsHarness harness = beginning(state, versions);
        harness.request(request("warm-up", "spam", new TextPayload("1")), Long.MIN_VALUE);
        harness.runUntil(() -> !harness.predictions().isEmpty());
        harness.runWhatIsThere();
        if (state.getSteps().get(0).getCandidate() != null
                && state.getSteps().get(0).getShare() == 0) {
            harness.runUntil(() -> !harness.shadowPredictions().isEmpty());
        }
        harness.getOutput().removeIf(FollowingRolloutsTest::isNoAlert);
        return harness;
    }

    private static boolean isNoAlert(Object record) {
        return !String.valueOf(record).contains("topic=alerts");
    }

    private ScoreRequestsHarness beginning(RolloutState state, int... versions) throws Exception {
        for (int version : versions) {
            announcements.holds(someModelVersion("spam", version));
        }
        rollouts.holds(state);
        return opened();
    }

    private ScoreRequestsHarness opened() throws Exception {
        String url = registryUrl;
        ScoreRequestsHarness harness = new ScoreRequestsHarness(
                new ScoreRequests.Settings(
                        Modality.TEXT,
                        List.of(new PipelineBinding(
                                "spam",
                                Modality.TEXT,
                                "spam",
                                BatchLimits.usual(),
                                Delivery.AT_LEAST_ONCE,
                                Duration.ZERO,
                                List.of(),
                                exploration)),
                        Set.of("spam"),
                        () -> SchemaRegistry.connect(url),
                        this::load,
                        announcements,
                        rollouts,
                        1_000,
                        1_000_000,
                        new ServedModels.Limits(4, Long.MAX_VALUE),
                        directory.toString(),
                        Delivery.AT_LEAST_ONCE,
                        Clock.fixed(NOON, ZoneOffset.UTC)),
                announcements,
                rollouts);
        harness.setup();
        harnesses.add(harness);
        harness.open();
        return harness;
    }
}
