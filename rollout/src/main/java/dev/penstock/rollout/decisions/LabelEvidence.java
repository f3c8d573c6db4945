package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bet;
import dev.penstock.rollout.plan.Requirement;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What labels show of a candidate: in SHADOW by requests that both versions answered, under traffic by those of canary and
 * control in order of arrival.
 */
final class LabelEvidence {
    private final RolloutPlan plan;
    private final Bet required;
    private final LossDifference shadow;
    private final LossDifference traffic;
    private final Pairing pairs;
    private GroupEvidence groups;
    private long changed;

    private LabelEvidence(
            RolloutPlan plan, Bet required, LossDifference shadow, LossDifference traffic, Pairing pairs) {
        this.plan = plan;
        this.required = required;
        this.shadow = shadow;
        this.traffic = traffic;
        this.pairs = pairs;
        groups = new GroupEvidence(plan);
    }

    LabelEvidence(RolloutPlan plan) {
        this(
                plan,
                Bet.below(
                        plan.requirement() == Requirement.SUPERIOR ? 0 : plan.margin(),
                        LossDifference.boundsOfOneLabel(plan)),
                new LossDifference(plan, LossDifference.boundsOfOneLabel(plan)),
                new LossDifference(plan, LossDifference.boundsOfTwoLabels(plan)),
                new Pairing());
    }

    GroupEvidence groups() {
        return groups;
    }

    /** @param names of the groups that the label is in, its source first */
    boolean admits(List<String> names) {
        return groups.admits(names, required);
    }

    /** Takes an admitted label of a request that both versions answered. */
    void shadowed(Answer byChampion, Answer byCandidate, Label label, List<String> names) {
        double difference = difference(byChampion.label(), byCandidate.label(), label);
        double weight = label.certainty() * label.weight();
        groups.observe(difference, weight, names);
        required.observe(difference, weight);
        shadow.observe(difference, weight);
    }

    /**
     * An admitted label was changed. What it showed for the candidate is paid for; what it showed against it stands, since a
     * trial that ends by mistake costs less than one that goes on by mistake.
     *
     * @param names of the groups that it was in when it was handed in
     */
    void overruled(Happening.Overruled overruled, List<String> names) {
        changed++;
        Optional<String> byChampion = overruled.answer().label();
        Optional<String> byCandidate = overruled.candidate().flatMap(Answer::label);
        Label label = overruled.before();
        double before = difference(byChampion, byCandidate, label);
        double after = difference(byChampion, byCandidate, overruled.after());
        double weight = label.certainty() * label.weight();
        groups.correct(before, after, weight, names);
        required.correct(before, after, weight);
        shadow.correct(before, after, weight);
    }

    private double difference(Optional<String> byChampion, Optional<String> byCandidate, Label label) {
        return plan.loss().of(byCandidate, label.truth()) - plan.loss().of(byChampion, label.truth());
    }

    /**
     * Takes an admitted label of the canary's answer.
     *
     * @return whether a label of the control's had waited for it
     */
    boolean canary(Answer answer, Label label) {
        return compare(pairs.candidate(loss(answer, label), weight(label)));
    }

    /** The same of the control's. */
    boolean control(Answer answer, Label label) {
        return compare(pairs.control(loss(answer, label), weight(label)));
    }

    private boolean compare(Optional<Pairing.Pair> pair) {
        pair.ifPresent(both -> traffic.observe(both.difference(), both.weight()));
        return pair.isPresent();
    }

    private double loss(Answer answer, Label label) {
        return plan.loss().of(answer.label(), label.truth());
    }

    private double weight(Label label) {
        return Math.min(plan.largestWeight(), label.certainty() * label.weight());
    }

    long inShadow() {
        return shadow.count();
    }

    /** Pairs of labels of canary and control. */
    long underTraffic() {
        return traffic.count();
    }

    /** Labels that counted here and were changed since. */
    long changed() {
        return changed;
    }

    boolean meetRequirement() {
        return required.shows(plan.alpha()) && standsOn().isEmpty();
    }

    private Optional<String> standsOn() {
        return groups.standsOn(inShadow());
    }

    /** @param alpha for each of SHADOW, traffic, and all slices together */
    boolean showHarm(double alpha) {
        return shadow.showsHarm(alpha) || traffic.showsHarm(alpha) || groups.isOneSliceHarmed(alpha);
    }

    /** What it did not show, and how small a gain it would have shown. */
    String futility() {
        return "on %d labels it has not shown that it loses less than the champion (%s); a gain of %.4f would have shown"
                .formatted(inShadow(), shadow.between(), required.smallestEffect(plan.alpha()));
    }

    Check shadowCheck(double alpha) {
        EvidenceVerdict verdict = shadow.showsHarm(alpha)
                ? EvidenceVerdict.FAIL
                : meetRequirement() ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE;
        String standing = required.shows(plan.alpha())
                ? standsOn()
                        .map(group ->
                                "; without %s that is not shown: %+.4f".formatted(group, groups.estimateWithout(group)))
                        .orElse("")
                : "";
        if (changed > 0) {
            standing += "; %d of them were changed since, which is counted against it".formatted(changed);
        }
        return shadow.check("loss.shadow", verdict, required.smallestEffect(plan.alpha()), standing);
    }

    /** @param otherwise what it comes to unless harm is shown */
    Check trafficCheck(double alpha, EvidenceVerdict otherwise) {
        EvidenceVerdict verdict = traffic.showsHarm(alpha) ? EvidenceVerdict.FAIL : otherwise;
        return traffic.check("loss.traffic", verdict, traffic.smallestHarm(alpha), "");
    }

    void write(DataOutput out) throws IOException {
        required.write(out);
        shadow.write(out);
        traffic.write(out);
        pairs.write(out);
    }

    /** What {@link #write} does not: written apart, since bytes from before there were corrections are without. */
    void writeCorrections(DataOutput out) throws IOException {
        out.writeLong(changed);
        required.writeCorrections(out);
        shadow.writeCorrections(out);
        groups.writeCorrections(out);
    }

    void readCorrections(DataInput in) throws IOException {
        changed = in.readLong();
        required.readCorrections(in);
        shadow.readCorrections(in);
        groups.readCorrections(in);
    }

    /** Sources and slices are kept apart from the rest. */
    void readGroups(DataInput in) throws IOException {
        groups = GroupEvidence.read(in, plan);
    }

    static LabelEvidence read(DataInput in, RolloutPlan plan) throws IOException {
        return new LabelEvidence(
                plan, Bet.read(in), LossDifference.read(in, plan), LossDifference.read(in, plan), Pairing.read(in));
    }
}
