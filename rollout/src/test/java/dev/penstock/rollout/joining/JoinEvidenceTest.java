package dev.penstock.rollout.joining;

import static dev.penstock.schemas.FeedbackSource.APPEAL;
import static dev.penstock.schemas.FeedbackSource.HUMAN;
import static dev.penstock.schemas.FeedbackSource.OUTCOME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.rollout.decisions.Happening;
import dev.penstock.rollout.plan.ModelPlans;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlans;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JoinEvidenceTest {
    private static final Duration RETENTION = Duration.ofDays(30);
    private static final Duration UNKNOWN = Duration.ofHours(1);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    /** People count after an hour, outcomes after a week, appeals at once. */
    private static final ModelPlans PLANS = new ModelPlans(RolloutPlan.production(), Map.of());

    private static final ModelPlans SILENT = ConfigurationFile.parse(
                    "plans.yaml",
                    "{models: {%s: {silence: {label: spam, after: P7D, certainty: 0.9}}}}"
                            .formatted(Fixtures.somePrediction("any").getModel()),
                    RolloutPlans.class,
                    Map.of())
            .resolved();

    private KeyedTwoInputStreamOperatorTestHarness<String, GivenAnswer, GivenLabel, Observation> harness;
    private JoinEvidence join;
    private ModelPlans plans = PLANS;
    private int seen;
    private long now;
    private String request = "one";

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        now = Fixtures.somePrediction(request).getTiming().getScoredAt().toEpochMilli();
        harness.setProcessingTime(now);
        harness.setStateTtlProcessingTime(now);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void tellsOfEachServedAnswer() throws Exception {
        answered(Variant.CANARY, 4, "a");

        assertThat(told()).containsExactly("served by CANARY 4");
    }

    @Test
    void pairsAShadowWithWhatWasServedWhicheverComesFirst() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        answered(Variant.SHADOW, 4, "b");
        assertThat(told()).containsExactly("served by CHAMPION 3", "3 shadowed by 4");

        request = "other";
        answered(Variant.SHADOW, 4, "c");
        assertThat(told()).isEmpty();
        answered(Variant.CHAMPION, 3, "d");

        assertThat(told()).containsExactly("served by CHAMPION 3", "3 shadowed by 4");
    }

    @Test
    void aCanarysFailureStandsBesideTheChampionsAnswerWhicheverComesFirst() throws Exception {
        failed(Variant.CANARY, 4, "a");
        answered(Variant.CHAMPION, 3, "b");
        said("spam", APPEAL, 1);
        assertThat(told())
                .containsExactly(
                        "served by CANARY 4", "served by CHAMPION 3", "CHAMPION 3 was spam says APPEAL after PT0S");

        request = "other";
        answered(Variant.CHAMPION, 3, "c");
        failed(Variant.CANARY, 4, "d");
        said("spam", APPEAL, 1);

        assertThat(told())
                .containsExactly(
                        "served by CHAMPION 3", "served by CANARY 4", "CHAMPION 3 was spam says APPEAL after PT0S");
    }

    @Test
    void leavesOutWhatIsRepeated() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        answered(Variant.SHADOW, 4, "b");
        told();

        answered(Variant.CHAMPION, 3, "a");
        answered(Variant.SHADOW, 4, "b");
        answered(Variant.CANARY, 4, "another answer to the request, which came twice");

        assertThat(told()).isEmpty();
    }

    @Test
    void aLabelThatComesAfterItsPairIsToldOnceItIsMature() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        answered(Variant.SHADOW, 4, "b");
        said("spam", HUMAN, 1);
        told();

        pass(Duration.ofMinutes(59));
        assertThat(told()).isEmpty();
        pass(Duration.ofMinutes(1));

        assertThat(told()).containsExactly("3 shadowed by 4 was spam says HUMAN after PT1H");
    }

    @Test
    void aLabelThatComesBeforeItsRequestIsKeptForIt() throws Exception {
        said("spam", APPEAL, 1);
        pass(Duration.ofMinutes(30));
        answered(Variant.CANARY, 4, "a");

        assertThat(told()).containsExactly("served by CANARY 4", "CANARY 4 was spam says APPEAL after PT30M");
    }

    @Test
    void aLabelThatComesBetweenTheTwoAnswersWaitsForThePair() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        said("spam", APPEAL, 1);
        pass(Duration.ofSeconds(1));
        answered(Variant.SHADOW, 4, "b");

        assertThat(told())
                .containsExactly(
                        "served by CHAMPION 3", "3 shadowed by 4", "3 shadowed by 4 was spam says APPEAL after PT1S");
    }

    @Test
    void aLabelDoesNotWaitForAShadowThatWasShed() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        said("spam", APPEAL, 1);
        assertThat(told()).containsExactly("served by CHAMPION 3");
        pass(SETTLING);
        assertThat(told()).containsExactly("CHAMPION 3 was spam says APPEAL after PT2S");

        answered(Variant.SHADOW, 4, "too late for the label, which counts once");

        assertThat(told()).containsExactly("3 shadowed by 4");
    }

    @Test
    void aLabelThatIsRepeatedCountsOnce() throws Exception {
        answered(Variant.CONTROL, 3, "a");
        said("spam", APPEAL, 1);
        said("spam", APPEAL, 1);
        said("spam", APPEAL, 2);
        pass(Duration.ofDays(1));

        assertThat(told()).containsExactly("served by CONTROL 3", "CONTROL 3 was spam says APPEAL after PT0S");
    }

    @Test
    void theLastWordOfTheHighestSourceCounts() throws Exception {
        answered(Variant.CANARY, 4, "a");
        told();
        said("ham", OUTCOME, 5);
        said("spam", HUMAN, 9);
        said("spam", OUTCOME, 4);
        pass(Duration.ofDays(7));

        assertThat(told()).containsExactly("CANARY 4 was ham says OUTCOME after PT168H");
    }

    @Test
    void aLabelThatIsContradictedAfterItCountedIsOverruled() throws Exception {
        answered(Variant.CANARY, 4, "a");
        said("spam", HUMAN, 1);
        pass(Duration.ofHours(1));
        told();

        said("ham", HUMAN, 2);
        assertThat(told()).containsExactly("spam by HUMAN overruled by ham by HUMAN");
        said("spam", APPEAL, 1);
        assertThat(told()).containsExactly("ham by HUMAN overruled by spam by APPEAL");
        said("ham", HUMAN, 3);
        said("spam", APPEAL, 4);

        assertThat(told()).isEmpty();
    }

    @Test
    void whatIsOverruledNamesThePairThatItCountedForAndWhen() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        answered(Variant.SHADOW, 4, "b");
        said("spam", HUMAN, 1);
        pass(Duration.ofHours(1));
        long handedIn = now;
        pass(Duration.ofDays(1));
        said("ham", HUMAN, 2);
        said("spam", APPEAL, 1);

        assertThat(overruled()).hasSize(2).allSatisfy(overruled -> {
            assertThat(overruled.answer().version()).isEqualTo(3);
            assertThat(overruled.candidate().map(answer -> answer.version())).contains(4);
            assertThat(overruled.handedInAt().toEpochMilli()).isEqualTo(handedIn);
        });
    }

    @Test
    void whatIsOverruledNamesNoShadowThatCameAfterTheLabel() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        said("spam", APPEAL, 1);
        pass(SETTLING);
        answered(Variant.SHADOW, 4, "b");
        said("ham", APPEAL, 2);

        assertThat(overruled()).singleElement().satisfies(overruled -> assertThat(overruled.candidate())
                .isEmpty());
    }

    private List<Happening.Overruled> overruled() {
        return harness.extractOutputValues().stream()
                .map(Observation::happening)
                .filter(Happening.Overruled.class::isInstance)
                .map(Happening.Overruled.class::cast)
                .toList();
    }

    @Test
    void aLabelThatIsTakenBackBeforeItCountsNeverDid() throws Exception {
        answered(Variant.CANARY, 4, "a");
        told();
        said("spam", HUMAN, 1);
        pass(Duration.ofMinutes(30));
        said("ham", HUMAN, 2);
        pass(Duration.ofMinutes(30));

        assertThat(told()).containsExactly("CANARY 4 was ham says HUMAN after PT1H");
    }

    @Test
    void aLabelOfARequestThatNobodyKnowsIsForgottenAndCounted() throws Exception {
        said("spam", APPEAL, 1);
        pass(UNKNOWN);
        assertThat(join.counters("spam").unknownLabels()).isEqualTo(1);
        answered(Variant.CANARY, 4, "a");
        pass(Duration.ofDays(1));

        assertThat(told()).containsExactly("served by CANARY 4");
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    @Test
    void aLabelThatComesAfterTheRetentionComesTooLate() throws Exception {
        answered(Variant.CANARY, 4, "a");
        told();
        pass(RETENTION.plusMillis(1));
        said("spam", APPEAL, 1);
        pass(UNKNOWN);

        assertThat(told()).isEmpty();
        assertThat(join.counters("spam").unknownLabels()).isEqualTo(1);
    }

    @Test
    void whatWasLetThroughByChanceWeighsMore() throws Exception {
        harness.processElement1(
                GivenAnswer.of(Prediction.newBuilder(prediction(Variant.CANARY, 4, "a"))
                        .setPropensity(0.25)
                        .build()),
                0);
        said("spam", APPEAL, 1);

        Happening last = harness.extractOutputValues().get(1).happening();

        assertThat(((Happening.ServedLabelled) last).label().weight()).isEqualTo(4);
    }

    @Test
    void whereSilenceCountsItIsALabelOfWhatWasLetThroughOnceItHasLasted() throws Exception {
        listenToSilence();
        answered(Variant.CHAMPION, 3, "a");
        answered(Variant.SHADOW, 4, "b");
        told();

        pass(Duration.ofDays(7).minusMillis(1));
        assertThat(told()).isEmpty();
        restart();
        pass(Duration.ofMillis(1));

        assertThat(told()).containsExactly("3 shadowed by 4 was spam says SILENCE after PT168H");
        pass(Duration.ofDays(20));
        assertThat(told()).isEmpty();
    }

    @Test
    void whoSpeaksBeforeSilenceCountsIsHeardAndWhoSpeaksAfterOverrulesIt() throws Exception {
        listenToSilence();
        answered(Variant.CANARY, 4, "a");
        told();
        pass(Duration.ofDays(6));
        said("ham", OUTCOME, 1);
        pass(Duration.ofDays(1));
        assertThat(told()).containsExactly("CANARY 4 was ham says OUTCOME after PT168H");
        pass(Duration.ofDays(1));
        assertThat(told()).isEmpty();

        request = "other";
        answered(Variant.CANARY, 4, "b");
        pass(Duration.ofDays(20));
        assertThat(told()).hasSize(2).last().asString().contains("was spam says SILENCE");
        said("ham", HUMAN, 2);

        assertThat(told()).containsExactly("spam by SILENCE overruled by ham by HUMAN");
    }

    @Test
    void whoWasBlockedOrLeftToOthersIsSilentForOtherReasonsUnlessHeWasLetThroughToLearn() throws Exception {
        listenToSilence();
        for (AbstentionReason reason :
                List.of(AbstentionReason.LOW_CONFIDENCE, AbstentionReason.MODEL_FAILED, AbstentionReason.EXPLORED)) {
            request = reason.name();
            Abstention abstention = Abstention.newBuilder()
                    .setReason(reason)
                    .setDetail("")
                    .setLikeliestLabel("ham")
                    .build();
            harness.processElement1(
                    GivenAnswer.of(Prediction.newBuilder(prediction(Variant.CHAMPION, 3, reason.name()))
                            .setOutcome(abstention)
                            .build()),
                    0);
        }
        request = "blocked";
        harness.processElement1(
                GivenAnswer.of(Prediction.newBuilder(prediction(Variant.CHAMPION, 3, "b"))
                        .setOutcome(new Decision("ham", 0.9, List.of("ham")))
                        .build()),
                0);
        pass(Duration.ofDays(20));

        assertThat(harness.extractOutputValues())
                .filteredOn(observation -> observation.label() != null)
                .extracting(observation -> observation.served().requestId())
                .containsExactly("EXPLORED");
    }

    @Test
    void withoutARuleSilenceSaysNothing() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        pass(Duration.ofDays(29));

        assertThat(told()).containsExactly("served by CHAMPION 3");
    }

    private void listenToSilence() throws Exception {
        plans = SILENT;
        harness.close();
        harness = harness();
        harness.open();
        harness.setProcessingTime(now);
        harness.setStateTtlProcessingTime(now);
    }

    private void restart() throws Exception {
        var snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(snapshot);
        harness.open();
        seen = 0;
        harness.setStateTtlProcessingTime(now);
        harness.setProcessingTime(now);
    }

    @Test
    void aRestartGoesOnWhereItWas() throws Exception {
        answered(Variant.CHAMPION, 3, "a");
        said("spam", HUMAN, 1);
        restart();

        answered(Variant.SHADOW, 4, "b");
        pass(Duration.ofHours(1));

        assertThat(told()).containsExactly("3 shadowed by 4", "3 shadowed by 4 was spam says HUMAN after PT1H");
    }

    private KeyedTwoInputStreamOperatorTestHarness<String, GivenAnswer, GivenLabel, Observation> harness()
            throws Exception {
        join = new JoinEvidence(plans, RETENTION, UNKNOWN, SETTLING);
        return new KeyedTwoInputStreamOperatorTestHarness<>(
                new KeyedCoProcessOperator<>(join), JoinEvidence::key, JoinEvidence::key, Types.STRING);
    }

    private void answered(Variant variant, int version, String predictionId) throws Exception {
        harness.processElement1(GivenAnswer.of(prediction(variant, version, predictionId)), 0);
    }

    private void failed(Variant variant, int version, String predictionId) throws Exception {
        Abstention failure = Abstention.newBuilder()
                .setReason(AbstentionReason.MODEL_FAILED)
                .setDetail("it threw")
                .build();
        harness.processElement1(
                GivenAnswer.of(Prediction.newBuilder(prediction(variant, version, predictionId))
                        .setOutcome(failure)
                        .build()),
                0);
    }

    private Prediction prediction(Variant variant, int version, String predictionId) {
        return Prediction.newBuilder(Fixtures.somePrediction(request))
                .setVariant(variant)
                .setModelVersion(version)
                .setPredictionId(predictionId)
                .build();
    }

    private void said(String label, FeedbackSource source, long at) throws Exception {
        harness.processElement2(new GivenLabel("spam", request, label, source, "ada", at, 1), 0);
    }

    private void pass(Duration time) throws Exception {
        now += time.toMillis();
        harness.setStateTtlProcessingTime(now);
        harness.setProcessingTime(now);
    }

    /** What was told since this was asked last. */
    private List<String> told() {
        List<Observation> all = harness.extractOutputValues();
        List<String> sentences = new ArrayList<>();
        all.subList(seen, all.size()).forEach(observation -> sentences.add(sentence(observation.happening())));
        seen = all.size();
        return sentences;
    }

    private static String sentence(Happening happening) {
        if (happening instanceof Happening.Served served) {
            return "served by %s %d"
                    .formatted(served.answer().variant(), served.answer().version());
        }
        if (happening instanceof Happening.Shadowed pair) {
            return "%d shadowed by %d"
                    .formatted(pair.champion().version(), pair.candidate().version());
        }
        if (happening instanceof Happening.ServedLabelled labelled) {
            return "%s %d was %s says %s after %s"
                    .formatted(
                            labelled.answer().variant(),
                            labelled.answer().version(),
                            labelled.label().truth(),
                            labelled.label().source(),
                            labelled.label().age());
        }
        if (happening instanceof Happening.ShadowedLabelled labelled) {
            return "%d shadowed by %d was %s says %s after %s"
                    .formatted(
                            labelled.champion().version(),
                            labelled.candidate().version(),
                            labelled.label().truth(),
                            labelled.label().source(),
                            labelled.label().age());
        }
        if (happening instanceof Happening.Overruled overruled) {
            return "%s by %s overruled by %s by %s"
                    .formatted(
                            overruled.before().truth(),
                            overruled.before().source(),
                            overruled.after().truth(),
                            overruled.after().source());
        }
        throw new AssertionError(happening);
    }
}
