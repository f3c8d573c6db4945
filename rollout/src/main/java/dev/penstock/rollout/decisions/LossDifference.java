package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bounds;
import dev.penstock.rollout.evidence.ConfidenceSequence;
import dev.penstock.rollout.evidence.Watch;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** By how much a candidate loses more than the champion: a watch for more than the plan's margin, and the interval. */
final class LossDifference {
    private final RolloutPlan plan;
    private final Watch harm;
    private final ConfidenceSequence interval;

    private LossDifference(RolloutPlan plan, Watch harm, ConfidenceSequence interval) {
        this.plan = plan;
        this.harm = harm;
        this.interval = interval;
    }

    LossDifference(RolloutPlan plan, Bounds bounds) {
        this(
                plan,
                Watch.above(plan.margin(), bounds, plan.windowLabels()),
                new ConfidenceSequence(plan.alpha(), bounds));
    }

    /** Of both versions' answers to the same request, which one label says. */
    static Bounds boundsOfOneLabel(RolloutPlan plan) {
        return Bounds.ofDifference(plan.loss().largest(), plan.largestWeight());
    }

    /** Of answers to two requests, with a label for each. */
    static Bounds boundsOfTwoLabels(RolloutPlan plan) {
        return Bounds.ofDifference(plan.loss().largest(), plan.largestWeight() * plan.largestWeight());
    }

    void observe(double difference, double weight) {
        harm.observe(difference, weight);
        interval.observe(difference, weight);
    }

    /** What was observed was another difference; what it showed of harm stands. */
    void correct(double before, double after, double weight) {
        interval.correct(before, after, weight);
    }

    long count() {
        return interval.count();
    }

    boolean showsHarm(double alpha) {
        return harm.shows(alpha);
    }

    double smallestHarm(double alpha) {
        return harm.whole().smallestEffect(alpha);
    }

    /** Such as {@code -0.0425 to -0.0113 at all times together}. */
    String between() {
        return "%+.4f to %+.4f at all times together".formatted(interval.lower(), interval.upper());
    }

    /** Such as {@code 0.0425 lower than the champion's}. */
    static String compared(double difference) {
        return "%.4f %s than the champion's".formatted(Math.abs(difference), difference > 0 ? "higher" : "lower");
    }

    /** @param standing what else there is to say, once a label has counted */
    Check check(String name, EvidenceVerdict verdict, double smallestEffect, String standing) {
        boolean seen = interval.count() > 0;
        String detail = seen
                ? "on %d labels its loss is %s (%s, with %.2f); if it is %.4f higher the trial ends%s"
                        .formatted(
                                interval.count(),
                                compared(interval.estimate()),
                                between(),
                                1 - plan.alpha(),
                                plan.margin(),
                                standing)
                : "no label has counted yet";
        return Check.newBuilder()
                .setName(name)
                .setVerdict(verdict)
                .setSamples(interval.count())
                .setEstimate(seen ? interval.estimate() : null)
                .setLower(seen ? interval.lower() : null)
                .setUpper(seen ? interval.upper() : null)
                .setLimit(plan.margin())
                .setSmallestEffect(seen ? smallestEffect : null)
                .setDetail(detail)
                .build();
    }

    void write(DataOutput out) throws IOException {
        harm.write(out);
        interval.write(out);
    }

    void writeCorrections(DataOutput out) throws IOException {
        interval.writeCorrections(out);
    }

    void readCorrections(DataInput in) throws IOException {
        interval.readCorrections(in);
    }

    static LossDifference read(DataInput in, RolloutPlan plan) throws IOException {
        return new LossDifference(plan, Watch.read(in), ConfidenceSequence.read(in));
    }
}
