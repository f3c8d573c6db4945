package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bounds;
import dev.penstock.rollout.evidence.Latencies;
import dev.penstock.rollout.evidence.ScoreShift;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.Variant;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What rows show of a candidate without labels: which of the plan's guardrails it breaks, and which it keeps. */
final class RowEvidence {
    private static final double SLOW_QUANTILE = 0.99;
    /** Before, the control's 99th percentile is not known well enough to be held against anybody. */
    private static final long LEAST_CONTROL_ROWS = 50;

    private final RolloutPlan plan;
    private final Guardrail failures;
    private final Guardrail nonFinite;
    private final Guardrail slow;
    private final Guardrail abstention;
    private final Guardrail disagreement;
    private final ScoreShift shift;
    private final Latencies control;
    private final Pairing abstentions;

    RowEvidence(RolloutPlan plan) {
        this.plan = plan;
        int rows = plan.windowRows();
        RolloutPlan.Guardrails limits = plan.guardrails();
        failures = Guardrail.of("failures", limits.failures(), Bounds.SHARE, rows);
        nonFinite = Guardrail.of("non-finite", limits.nonFinite(), Bounds.SHARE, rows);
        slow = Guardrail.of("slow", limits.slow(), Bounds.SHARE, rows);
        abstention = Guardrail.of("abstention", limits.abstention(), Bounds.DIFFERENCE_OF_SHARES, rows);
        disagreement = Guardrail.of("disagreement", limits.disagreement(), Bounds.SHARE, rows);
        shift = new ScoreShift(limits.scoreShift(), rows);
        control = new Latencies();
        abstentions = new Pairing();
    }

    void shadowed(Answer byChampion, Answer byCandidate) {
        candidate(byCandidate);
        abstention.observe(abstained(byCandidate) - abstained(byChampion));
        disagreement.observe(!byCandidate.label().equals(byChampion.label()));
        shift.learn(byCandidate.confidence());
    }

    /** Whatever the champion answers shows how long that takes; only the control is as large a part as the canary. */
    void champion(Answer answer) {
        control.observe(answer.latencyMicros());
        if (answer.variant() == Variant.CONTROL) {
            compare(abstentions.control(abstained(answer), 1));
        }
    }

    void canary(Answer answer) {
        candidate(answer);
        compare(abstentions.candidate(abstained(answer), 1));
        shift.compare(answer.confidence());
        if (control.count() >= LEAST_CONTROL_ROWS) {
            double longest = control.quantile(SLOW_QUANTILE) * plan.guardrails().latencyRatio();
            slow.observe(answer.latencyMicros() > longest);
        }
    }

    private void candidate(Answer answer) {
        failures.observe(answer.failed());
        nonFinite.observe(answer.nonFinite());
    }

    private void compare(Optional<Pairing.Pair> pair) {
        pair.ifPresent(both -> abstention.observe(both.difference()));
    }

    private static int abstained(Answer answer) {
        return answer.abstained() ? 1 : 0;
    }

    /** @param alpha for each; disagreement and the shift of scores share one */
    boolean isOneBroken(double alpha) {
        return failures.isBroken(alpha)
                || nonFinite.isBroken(alpha)
                || slow.isBroken(alpha)
                || abstention.isBroken(alpha)
                || disagreement.isBroken(alpha / 2)
                || isShifted(alpha);
    }

    private boolean isShifted(double alpha) {
        return plan.guardrails().scoreShift() < 1 && shift.shows(alpha / 2);
    }

    boolean areKept() {
        return failures.isKept(plan.alpha()) && nonFinite.isKept(plan.alpha()) && abstention.isKept(plan.alpha());
    }

    boolean areKeptUnderTraffic() {
        return areKept() && slow.isKept(plan.alpha());
    }

    List<Check> checks(double alpha) {
        return List.of(
                failures.check(alpha, plan.alpha()),
                nonFinite.check(alpha, plan.alpha()),
                abstention.check(alpha, plan.alpha()),
                disagreement.check(alpha / 2, plan.alpha()));
    }

    /** What is checked beside that under traffic. */
    List<Check> trafficChecks(double alpha) {
        return List.of(slow.check(alpha, plan.alpha()), scoreShift(alpha));
    }

    private Check scoreShift(double alpha) {
        boolean seen = shift.count() > 0;
        return Check.newBuilder()
                .setName("score-shift")
                .setVerdict(
                        isShifted(alpha)
                                ? EvidenceVerdict.FAIL
                                : seen ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE)
                .setSamples(shift.count())
                .setEstimate(seen ? shift.estimate() : null)
                .setLimit(plan.guardrails().scoreShift())
                .setDetail(
                        "score-shift: confidence is distributed by %.4f otherwise than in SHADOW in %d rows; the limit is %.4f"
                                .formatted(
                                        shift.estimate(),
                                        shift.count(),
                                        plan.guardrails().scoreShift()))
                .build();
    }

    void write(DataOutput out) throws IOException {
        failures.write(out);
        nonFinite.write(out);
        slow.write(out);
        abstention.write(out);
        disagreement.write(out);
        shift.write(out);
        control.write(out);
        abstentions.write(out);
    }

    static RowEvidence read(DataInput in, RolloutPlan plan) throws IOException {
        return new RowEvidence(in, plan);
    }

    private RowEvidence(DataInput in, RolloutPlan plan) throws IOException {
        this.plan = plan;
        failures = Guardrail.read(in);
        nonFinite = Guardrail.read(in);
        slow = Guardrail.read(in);
        abstention = Guardrail.read(in);
        disagreement = Guardrail.read(in);
        shift = ScoreShift.read(in);
        control = Latencies.read(in);
        abstentions = Pairing.read(in);
    }
}
