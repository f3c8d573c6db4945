package dev.penstock.rollout.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.rollout.decisions.SimulatedTraffic.Attack;
import dev.penstock.rollout.decisions.SimulatedTraffic.Damage;
import dev.penstock.rollout.decisions.SimulatedTraffic.World;
import dev.penstock.rollout.plan.Requirement;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.RolloutStage;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the decisions are worth, in made-up worlds whose truth is known. */
class SimulatedRolloutsTest {
    /** Errs on 10 of 100; its successor on 8, 6 of which are the same. */
    private static final World BETTER = World.clean(0.10, 0.60, 0.0222);
    /** Its successor errs on 13 of 100. */
    private static final World WORSE = World.clean(0.10, 0.60, 0.0778);

    private static final World SAME = World.clean(0.10, 0.60, 0.0444);

    @Test
    void ofTwinsAtMostAlphaAreCalledBetterOrWorseInShadow() {
        RolloutPlan plan = planWith(Requirement.SUPERIOR, 0.01);

        List<SimulatedTraffic> trials = run(SAME, plan, 200, 6_000);

        assertThat(count(trials, RolloutStage.ROLLED_BACK)).isLessThanOrEqualTo((int) (200 * plan.alpha()));
        assertThat(trials.stream()
                        .filter(trial -> trial.answeredByCandidate > 0)
                        .count())
                .isLessThanOrEqualTo((int) (200 * plan.alpha()));
        report("A/A, must be superior", trials);
    }

    @Test
    void ofTwinsAtMostAlphaAreRolledBackUnderTraffic() {
        RolloutPlan plan = fast(planWith(Requirement.NOT_WORSE, 0.04));

        List<SimulatedTraffic> trials = run(SAME, plan, 200, 40_000);

        assertThat(count(trials, RolloutStage.ROLLED_BACK)).isLessThanOrEqualTo((int) (200 * plan.alpha()));
        assertThat(count(trials, RolloutStage.CHAMPION)).isGreaterThanOrEqualTo(190);
        report("A/A, must not be worse by 4 points", trials);
    }

    @Test
    void aCandidateThatIsBetterByTwoPointsIsPromoted() {
        List<SimulatedTraffic> trials = run(BETTER, fast(planWith(Requirement.SUPERIOR, 0.01)), 20, 60_000);

        report("better by 2 points", trials);
        assertThat(count(trials, RolloutStage.CHAMPION)).isGreaterThanOrEqualTo(19);
        assertThat(trials).allSatisfy(trial -> assertThat(trial.shares).containsSubsequence(0.0, 0.01));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.1, 0.2})
    void labelsThatAreTurnedPromoteNothingThatIsWorse(double share) {
        List<SimulatedTraffic> trials =
                run(WORSE.attackedBy(new Attack.Flips(share)), planWith(Requirement.SUPERIOR, 0.01), 20, 20_000);

        report("worse by 3 points, %.0f %% of labels turned".formatted(share * 100), trials);
        assertThat(count(trials, RolloutStage.CHAMPION)).isZero();
        assertThat(trials)
                .allSatisfy(trial -> assertThat(trial.answeredByCandidate).isZero());
    }

    @Test
    void aSliceFullOfLiesPromotesNothingThatIsWorse() {
        // Errs a little more elsewhere and on 6 of 10 in the slice, where every label says that it was right.
        World world = World.clean(0.10, 0.60, 0.0500).attackedBy(new Attack.Slice(0.6));

        List<SimulatedTraffic> trials = run(world, planWith(Requirement.SUPERIOR, 0.01), 20, 20_000);

        report("worse, one slice attacked", trials);
        assertThat(trials).allSatisfy(trial -> {
            assertThat(trial.trueDifference / trial.compared).isPositive();
            assertThat(trial.naiveDifference / trial.compared).isLessThan(-0.02);
            assertThat(trial.answeredByCandidate).isZero();
            assertThat(trial.alerts).contains(AlertCode.SUSPICIOUS_LABELS);
            assertThat(trial.alertMessages.toString()).contains("slice.country=XX");
        });
        assertThat(count(trials, RolloutStage.CHAMPION)).isZero();
    }

    @Test
    void aSourceThatFloodsPromotesNothingThatIsWorse() {
        World world = WORSE.attackedBy(new Attack.Flood(5));

        List<SimulatedTraffic> trials = run(world, planWith(Requirement.SUPERIOR, 0.01), 20, 20_000);

        report("worse by 3 points, one source floods", trials);
        assertThat(trials).allSatisfy(trial -> {
            assertThat(trial.trueDifference / trial.compared).isPositive();
            assertThat(trial.naiveDifference / trial.compared).isLessThan(-0.02);
            assertThat(trial.answeredByCandidate).isZero();
            assertThat(trial.alerts).contains(AlertCode.SUSPICIOUS_LABELS);
            assertThat(trial.alertMessages.toString()).contains("source.flood");
        });
        assertThat(count(trials, RolloutStage.CHAMPION)).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void whatGoesWrongUnderTrafficIsRolledBackWithinTwoWindows(Damage damage) {
        RolloutPlan plan = planWith(Requirement.SUPERIOR, 0.01);
        World better = World.clean(0.10, 0.40, 0.01);

        List<SimulatedTraffic> trials = run(better.damagedBy(damage), plan, 10, 600_000);

        report("better by 5 points, then " + damage, trials);
        assertThat(count(trials, RolloutStage.ROLLED_BACK)).isEqualTo(10);
        assertThat(trials).allSatisfy(trial -> {
            assertThat(trial.answeredByCandidate).isLessThanOrEqualTo(2L * plan.windowRows());
            assertThat(trial.shares.stream().mapToDouble(share -> share).max()).hasValue(0.01);
            assertThat((double) trial.answeredByCandidate / trial.requestsUnderTrial)
                    .isLessThanOrEqualTo(0.02);
            assertThat(trial.alerts).contains(AlertCode.VERSION_ROLLED_BACK);
        });
    }

    private static List<SimulatedTraffic> run(World world, RolloutPlan plan, int seeds, long requests) {
        return LongStream.range(0, seeds)
                .mapToObj(seed -> new SimulatedTraffic(world, plan, seed).run(requests))
                .toList();
    }

    private static long count(List<SimulatedTraffic> trials, RolloutStage stage) {
        return trials.stream().filter(trial -> trial.stage() == stage).count();
    }

    private static void report(String name, List<SimulatedTraffic> trials) {
        SimulatedOutcomes.keep(name, trials);
    }

    private static RolloutPlan planWith(Requirement requirement, double margin) {
        return SimulatedOutcomes.plan(requirement, margin);
    }

    private static RolloutPlan fast(RolloutPlan plan) {
        return SimulatedOutcomes.withFewRows(plan);
    }
}
