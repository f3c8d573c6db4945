package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bet;
import dev.penstock.rollout.evidence.Bounds;
import dev.penstock.rollout.evidence.ConfidenceSequence;
import dev.penstock.rollout.evidence.Latencies;
import dev.penstock.rollout.evidence.ScoreShift;
import dev.penstock.rollout.evidence.Watch;
import dev.penstock.rollout.plan.Requirement;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlan.Step;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.Variant;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The evidence for and against one candidate, from its first shadow to its end.
 *
 * <p>The level alpha is spent twice. For ending the trial by mistake it is split into {@value #WAYS_TO_FAIL} equal parts:
 * labels in SHADOW, labels under traffic, all slices together, failures, scores that are not finite, slowness, abstention,
 * and disagreement with score shift. For moving on by mistake each test has the whole of it, since all of them must agree.
 */
final class Trial {
    private static final int WAYS_TO_FAIL = 8;
    private static final double SLOW_QUANTILE = 0.99;
    /** Before, the control's 99th percentile is not known well enough to be held against anybody. */
    private static final long LEAST_CONTROL_ROWS = 50;
    /** By how much the clocks of two tasks may differ. */
    private static final Duration CLOCKS = Duration.ofMinutes(1);

    private final int version;
    private final int champion;
    private final Instant begun;
    private final RolloutPlan plan;

    private int step = -1;
    private Instant stepBegun;
    private long rowsAtStep;
    private long labelsAtStep;
    private Instant lastLabel;
    private boolean missingTold;
    private String heldBecause = "";

    private long shadowRows;
    private long trafficRows;
    private long shadowLabels;
    private long trafficLabels;
    private long changedLabels;

    private Bet required;
    private Watch shadowHarm;
    private ConfidenceSequence shadowInterval;
    private Watch trafficHarm;
    private ConfidenceSequence trafficInterval;
    private Pairing labels = new Pairing();
    private Guardrail failures;
    private Guardrail nonFinite;
    private Guardrail slow;
    private Guardrail abstention;
    private Guardrail disagreement;
    private ScoreShift shift;
    private Latencies control = new Latencies();
    private Pairing abstentions = new Pairing();
    private final Map<String, Group> groups = new LinkedHashMap<>();

    /** What is known of one source or slice. */
    private static final class Group {
        private long counted;
        private long leftOut;
        private boolean told;
        private final Watch harm;
        private final Bet without;

        Group(Watch harm, Bet without) {
            this.harm = harm;
            this.without = without;
        }
    }

    Trial(int version, int champion, Instant begun, RolloutPlan plan) {
        this.version = version;
        this.champion = champion;
        this.begun = begun;
        this.plan = plan;
        stepBegun = begun;
        lastLabel = begun;
        int rows = plan.windowRows();
        Bounds losses = losses();
        Bounds pairs = Bounds.ofDifference(plan.loss().largest(), plan.largestWeight() * plan.largestWeight());
        required = Bet.below(plan.requirement() == Requirement.SUPERIOR ? 0 : plan.margin(), losses);
        shadowHarm = Watch.above(plan.margin(), losses, plan.windowLabels());
        shadowInterval = new ConfidenceSequence(plan.alpha(), losses);
        trafficHarm = Watch.above(plan.margin(), pairs, plan.windowLabels());
        trafficInterval = new ConfidenceSequence(plan.alpha(), pairs);
        RolloutPlan.Guardrails limits = plan.guardrails();
        failures = Guardrail.of("failures", limits.failures(), Bounds.SHARE, rows);
        nonFinite = Guardrail.of("non-finite", limits.nonFinite(), Bounds.SHARE, rows);
        slow = Guardrail.of("slow", limits.slow(), Bounds.SHARE, rows);
        abstention = Guardrail.of("abstention", limits.abstention(), Bounds.DIFFERENCE_OF_SHARES, rows);
        disagreement = Guardrail.of("disagreement", limits.disagreement(), Bounds.SHARE, rows);
        shift = new ScoreShift(limits.scoreShift(), rows);
    }

    private Bounds losses() {
        return Bounds.ofDifference(plan.loss().largest(), plan.largestWeight());
    }

    int version() {
        return version;
    }

    int champion() {
        return champion;
    }

    Instant begun() {
        return begun;
    }

    boolean isShadow() {
        return step < 0;
    }

    /** Share of entities that the candidate answers for. */
    double share() {
        return isShadow() ? 0 : currentStep().share();
    }

    /** The plan may have fewer steps than when the trial came here. */
    private Step currentStep() {
        return plan.steps().get(Math.min(step, plan.steps().size() - 1));
    }

    boolean isLastStep() {
        return step >= plan.steps().size() - 1;
    }

    /** Goes on to the step that was written already; what this knows of the steps before stays. */
    void catchUp(double share, Instant now) {
        while (share() < share && !isLastStep()) {
            nextStep(now);
        }
    }

    void nextStep(Instant now) {
        step++;
        stepBegun = now;
        rowsAtStep = 0;
        labelsAtStep = 0;
        heldBecause = "";
    }

    /** @return whether a window of rows is full */
    boolean shadowed(Answer byChampion, Answer byCandidate) {
        if (byChampion.version() != champion || byCandidate.version() != version) {
            return false;
        }
        shadowRows++;
        rowsAtStep += isShadow() ? 1 : 0;
        observeCandidate(byCandidate);
        abstention.observe((byCandidate.abstained() ? 1 : 0) - (byChampion.abstained() ? 1 : 0));
        disagreement.observe(!byCandidate.label().equals(byChampion.label()));
        shift.learn(byCandidate.confidence());
        return shadowRows % plan.windowRows() == 0;
    }

    /** @return whether a window of rows is full */
    boolean served(Answer answer) {
        if (answer.version() == champion) {
            control.observe(answer.latencyMicros());
            if (answer.variant() == Variant.CONTROL) {
                abstentions
                        .control(answer.abstained() ? 1 : 0, 1)
                        .ifPresent(pair -> abstention.observe(pair.difference()));
            }
            return false;
        }
        if (answer.version() != version || answer.variant() != Variant.CANARY || isShadow()) {
            return false;
        }
        trafficRows++;
        rowsAtStep++;
        observeCandidate(answer);
        abstentions.candidate(answer.abstained() ? 1 : 0, 1).ifPresent(pair -> abstention.observe(pair.difference()));
        shift.compare(answer.confidence());
        if (control.count() >= LEAST_CONTROL_ROWS) {
            double longest = control.quantile(SLOW_QUANTILE) * plan.guardrails().latencyRatio();
            slow.observe(answer.latencyMicros() > longest);
        }
        return trafficRows % plan.windowRows() == 0;
    }

    private void observeCandidate(Answer answer) {
        failures.observe(answer.failed());
        nonFinite.observe(answer.nonFinite());
    }

    /**
     * Takes a label of a request that both versions answered.
     *
     * @param names of the groups it is in, its source first
     * @return whether a window of labels is full
     */
    boolean shadowLabelled(Answer byChampion, Answer byCandidate, Label label, List<String> names, Instant now) {
        if (byChampion.version() != champion || byCandidate.version() != version || !admits(names)) {
            return false;
        }
        shadowLabels++;
        labelsAtStep += isShadow() ? 1 : 0;
        labelCame(now);
        double difference = difference(byChampion.label(), byCandidate.label(), label);
        double weight = label.certainty() * label.weight();
        // Groups first: what a new one has missed was all without it.
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            if (!names.contains(entry.getKey())) {
                entry.getValue().without.observe(difference, weight);
            } else if (entry.getKey().startsWith(Groups.SLICE)) {
                entry.getValue().harm.observe(difference, weight);
            }
        }
        required.observe(difference, weight);
        shadowHarm.observe(difference, weight);
        shadowInterval.observe(difference, weight);
        return shadowLabels % plan.windowLabels() == 0;
    }

    /**
     * Takes note that a label was changed which may have counted here. What it showed for the candidate is paid for; what it
     * showed against it stands, since a trial that ends by mistake costs less than one that goes on by mistake.
     *
     * @param names of the groups that it was in when it was handed in, its source first
     * @return whether what let the candidate leave SHADOW does not hold any more
     */
    boolean overruled(Happening.Overruled overruled, List<String> names) {
        Answer byChampion = overruled.answer();
        boolean isAnotherPair = byChampion.version() != champion
                || overruled.candidate().map(Answer::version).orElse(0) != version;
        if (isAnotherPair
                || overruled.handedInAt().isBefore(begun.minus(CLOCKS))
                || !groups.containsKey(names.get(0))) {
            return false;
        }
        changedLabels++;
        boolean wasMet = requirementIsMet();
        Optional<String> byCandidate = overruled.candidate().flatMap(Answer::label);
        Label label = overruled.before();
        double before = difference(byChampion.label(), byCandidate, label);
        double after = difference(byChampion.label(), byCandidate, overruled.after());
        double weight = label.certainty() * label.weight();
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            if (!names.contains(entry.getKey())) {
                entry.getValue().without.correct(before, after, weight);
            }
        }
        required.correct(before, after, weight);
        shadowInterval.correct(before, after, weight);
        return !isShadow() && wasMet && !requirementIsMet();
    }

    private double difference(Optional<String> byChampion, Optional<String> byCandidate, Label label) {
        return plan.loss().of(byCandidate, label.truth()) - plan.loss().of(byChampion, label.truth());
    }

    /** Labels that counted here and were changed since. */
    long changedLabels() {
        return changedLabels;
    }

    /** @return whether a window of labels is full */
    boolean servedLabelled(Answer answer, Label label, List<String> names, Instant now) {
        boolean isCandidate = answer.version() == version && answer.variant() == Variant.CANARY && !isShadow();
        boolean isControl = answer.version() == champion && answer.variant() == Variant.CONTROL && !isShadow();
        if ((!isCandidate && !isControl) || !admits(names)) {
            return false;
        }
        labelCame(now);
        double loss = plan.loss().of(answer.label(), label.truth());
        double weight = Math.min(plan.largestWeight(), label.certainty() * label.weight());
        Optional<Pairing.Pair> pair = isCandidate ? labels.candidate(loss, weight) : labels.control(loss, weight);
        if (pair.isEmpty()) {
            return false;
        }
        trafficLabels++;
        labelsAtStep++;
        trafficHarm.observe(pair.get().difference(), pair.get().weight());
        trafficInterval.observe(pair.get().difference(), pair.get().weight());
        return trafficLabels % plan.windowLabels() == 0;
    }

    private void labelCame(Instant now) {
        lastLabel = now;
        missingTold = false;
    }

    /** Counts the label for its groups, unless its source has had its share: that depends on who speaks, not on what is said. */
    private boolean admits(List<String> names) {
        for (String name : names) {
            groups.computeIfAbsent(
                    name,
                    added -> new Group(
                            Watch.above(Math.max(plan.slices().margin(), plan.margin()), losses(), plan.windowLabels()),
                            required.copy()));
        }
        Group source = groups.get(names.get(0));
        long counted = groups.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(Groups.SOURCE))
                .mapToLong(entry -> entry.getValue().counted)
                .sum();
        double largestShare = plan.labelHealth().largestShare();
        double room = largestShare * Math.max(plan.labelHealth().minimumLabels(), counted + 1);
        if (largestShare < 1 && names.get(0).startsWith(Groups.SOURCE) && source.counted + 1 > room) {
            source.leftOut++;
            return false;
        }
        names.forEach(name -> groups.get(name).counted++);
        return true;
    }

    /** Of the sources and slices that labels came from. */
    Set<String> names() {
        return groups.keySet();
    }

    /** A source that has been left out so often that somebody should know: told of once. */
    Optional<String> flooding() {
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            if (!group.told && group.leftOut >= plan.labelHealth().minimumLabels()) {
                group.told = true;
                return Optional.of(
                        "%d labels of %s are left out beside %d that count, since one source may give at most %.2f of them; where all labels come from one, set label-health.largest-share to 1"
                                .formatted(
                                        group.leftOut,
                                        entry.getKey(),
                                        group.counted,
                                        plan.labelHealth().largestShare()));
            }
        }
        return Optional.empty();
    }

    /** Whether a label has been waited for too long: told of once, until one comes. */
    boolean misses(Instant now) {
        boolean needsLabels = isShadow() || currentStep().minimumLabels() > labelsAtStep;
        if (missingTold
                || !needsLabels
                || Duration.between(lastLabel, now).compareTo(plan.labelHealth().missingAfter()) < 0) {
            return false;
        }
        missingTold = true;
        return true;
    }

    Duration withoutLabels(Instant now) {
        return Duration.between(lastLabel, now);
    }

    /** @return whether it was not known yet */
    boolean heldBecause(String reason) {
        boolean isNew = !heldBecause.equals(reason);
        heldBecause = reason;
        return isNew;
    }

    /** Whether any limit is broken. */
    boolean fails() {
        double part = alphaOfFailing();
        return shadowHarm.shows(part)
                || trafficHarm.shows(part)
                || failures.isBroken(part)
                || nonFinite.isBroken(part)
                || slow.isBroken(part)
                || abstention.isBroken(part)
                || disagreement.isBroken(part / 2)
                || shiftFails()
                || aSliceFails();
    }

    private boolean shiftFails() {
        return plan.guardrails().scoreShift() < 1 && shift.shows(alphaOfFailing() / 2);
    }

    private boolean aSliceFails() {
        int index = 0;
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            if (entry.getKey().startsWith(Groups.SLICE) && sliceFails(entry.getValue(), ++index)) {
                return true;
            }
        }
        return false;
    }

    /** Slices are not known before they are seen: the k-th has 1/(k(k+1)) of their part, which sums to the whole. */
    private boolean sliceFails(Group group, int index) {
        return group.counted >= plan.slices().minimumLabels()
                && group.harm.shows(alphaOfFailing() / (index * (index + 1.0)));
    }

    private double alphaOfFailing() {
        return plan.alpha() / WAYS_TO_FAIL;
    }

    /** Whether everything is there that the next step asks for. */
    boolean passes(Instant now) {
        long minimumRows =
                isShadow() ? plan.shadow().minimumRows() : currentStep().minimumRows();
        long minimumLabels =
                isShadow() ? plan.shadow().minimumLabels() : currentStep().minimumLabels();
        Duration minimumTime =
                isShadow() ? plan.shadow().minimumTime() : currentStep().minimumTime();
        return rowsAtStep >= minimumRows
                && labelsAtStep >= minimumLabels
                && Duration.between(stepBegun, now).compareTo(minimumTime) >= 0
                && failures.isKept(plan.alpha())
                && nonFinite.isKept(plan.alpha())
                && abstention.isKept(plan.alpha())
                && (isShadow() ? requirementIsMet() : slow.isKept(plan.alpha()));
    }

    /** Whether so many labels have shown no gain that more are not worth the wait of others. */
    boolean isFutile() {
        return isShadow() && labelsAtStep >= plan.shadow().maximumLabels() && !requirementIsMet();
    }

    /** What it did not show, and how small a gain it would have shown. */
    String futility() {
        return "on %d labels it has not shown that it loses less than the champion (%+.4f to %+.4f at all times together); a gain of %.4f would have shown"
                .formatted(
                        shadowInterval.count(),
                        shadowInterval.lower(),
                        shadowInterval.upper(),
                        required.smallestEffect(plan.alpha()));
    }

    private boolean requirementIsMet() {
        return required.shows(plan.alpha()) && standsOn().isEmpty();
    }

    /** The source or slice without which the requirement is not met. */
    private Optional<String> standsOn() {
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            boolean matters = entry.getKey().startsWith(Groups.SOURCE)
                    ? plan.labelHealth().needsSeveralSources()
                    : entry.getKey().startsWith(Groups.SLICE)
                            && plan.slices().mustStandWithoutAny()
                            && entry.getValue().counted <= shadowLabels / 2;
            if (matters && !entry.getValue().without.shows(plan.alpha())) {
                return Optional.of(entry.getKey());
            }
        }
        return Optional.empty();
    }

    EvidenceVerdict verdict(Instant now) {
        return fails() ? EvidenceVerdict.FAIL : passes(now) ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE;
    }

    /** Every check with what it saw. */
    List<Check> checks() {
        double part = alphaOfFailing();
        List<Check> checks = new ArrayList<>();
        checks.add(shadowLoss(part));
        if (!isShadow()) {
            checks.add(trafficLoss(part));
        }
        checks.add(failures.check(part, plan.alpha()));
        checks.add(nonFinite.check(part, plan.alpha()));
        checks.add(abstention.check(part, plan.alpha()));
        checks.add(disagreement.check(part / 2, plan.alpha()));
        if (!isShadow()) {
            checks.add(slow.check(part, plan.alpha()));
            checks.add(scoreShift());
        }
        addSlices(checks);
        return checks;
    }

    private Check shadowLoss(double part) {
        EvidenceVerdict verdict = shadowHarm.shows(part)
                ? EvidenceVerdict.FAIL
                : requirementIsMet() ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE;
        String standing = required.shows(plan.alpha())
                ? standsOn()
                        .map(group -> "; without %s that is not shown: %+.4f"
                                .formatted(group, groups.get(group).without.estimate()))
                        .orElse("")
                : "";
        if (changedLabels > 0) {
            standing += "; %d of them were changed since, which is counted against it".formatted(changedLabels);
        }
        return loss("loss.shadow", verdict, shadowInterval, required.smallestEffect(plan.alpha()), standing);
    }

    private Check trafficLoss(double part) {
        EvidenceVerdict verdict = trafficHarm.shows(part)
                ? EvidenceVerdict.FAIL
                : labelsAtStep >= currentStep().minimumLabels() ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE;
        return loss(
                "loss.traffic", verdict, trafficInterval, trafficHarm.whole().smallestEffect(part), "");
    }

    private Check loss(
            String name, EvidenceVerdict verdict, ConfidenceSequence interval, double smallestEffect, String standing) {
        boolean seen = interval.count() > 0;
        String detail = seen
                ? "on %d labels its loss is %s (%+.4f to %+.4f at all times together, with %.2f); if it is %.4f higher the trial ends%s"
                        .formatted(
                                interval.count(),
                                compared(interval.estimate()),
                                interval.lower(),
                                interval.upper(),
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

    /** Such as {@code 0.0425 lower than the champion's}. */
    private static String compared(double difference) {
        return "%.4f %s than the champion's".formatted(Math.abs(difference), difference > 0 ? "higher" : "lower");
    }

    private Check scoreShift() {
        boolean seen = shift.count() > 0;
        return Check.newBuilder()
                .setName("score-shift")
                .setVerdict(
                        shiftFails()
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

    private void addSlices(List<Check> checks) {
        int index = 0;
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            if (!entry.getKey().startsWith(Groups.SLICE)) {
                continue;
            }
            index++;
            boolean fails = sliceFails(group, index);
            Bet bet = group.harm.whole();
            checks.add(Check.newBuilder()
                    .setName(entry.getKey())
                    .setVerdict(fails ? EvidenceVerdict.FAIL : EvidenceVerdict.INCONCLUSIVE)
                    .setSamples(bet.count())
                    .setEstimate(bet.count() > 0 ? bet.estimate() : null)
                    .setLimit(plan.slices().margin())
                    .setSmallestEffect(
                            bet.count() > 0 ? bet.smallestEffect(alphaOfFailing() / (index * (index + 1.0))) : null)
                    .setDetail("%s: on %d labels its loss is %s; if it is %.4f higher the trial ends"
                            .formatted(
                                    entry.getKey(),
                                    bet.count(),
                                    compared(bet.estimate()),
                                    plan.slices().margin()))
                    .build());
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(version);
        out.writeInt(champion);
        out.writeLong(begun.toEpochMilli());
        out.writeInt(step);
        out.writeLong(stepBegun.toEpochMilli());
        out.writeLong(rowsAtStep);
        out.writeLong(labelsAtStep);
        out.writeLong(lastLabel.toEpochMilli());
        out.writeBoolean(missingTold);
        out.writeUTF(heldBecause);
        out.writeLong(shadowRows);
        out.writeLong(trafficRows);
        out.writeLong(shadowLabels);
        out.writeLong(trafficLabels);
        required.write(out);
        shadowHarm.write(out);
        shadowInterval.write(out);
        trafficHarm.write(out);
        trafficInterval.write(out);
        labels.write(out);
        failures.write(out);
        nonFinite.write(out);
        slow.write(out);
        abstention.write(out);
        disagreement.write(out);
        shift.write(out);
        control.write(out);
        abstentions.write(out);
        out.writeInt(groups.size());
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            out.writeUTF(entry.getKey());
            group.harm.write(out);
            group.without.write(out);
            out.writeLong(group.counted);
            out.writeLong(group.leftOut);
            out.writeBoolean(group.told);
        }
    }

    /** What {@link #write} does not: written apart, since bytes from before there were corrections are without. */
    void writeCorrections(DataOutput out) throws IOException {
        out.writeLong(changedLabels);
        required.writeCorrections(out);
        shadowInterval.writeCorrections(out);
        for (Group group : groups.values()) {
            group.without.writeCorrections(out);
        }
    }

    void readCorrections(DataInput in) throws IOException {
        changedLabels = in.readLong();
        required.readCorrections(in);
        shadowInterval.readCorrections(in);
        for (Group group : groups.values()) {
            group.without.readCorrections(in);
        }
    }

    static Trial read(DataInput in, RolloutPlan plan) throws IOException {
        Trial trial = new Trial(in.readInt(), in.readInt(), Instant.ofEpochMilli(in.readLong()), plan);
        trial.step = in.readInt();
        trial.stepBegun = Instant.ofEpochMilli(in.readLong());
        trial.rowsAtStep = in.readLong();
        trial.labelsAtStep = in.readLong();
        trial.lastLabel = Instant.ofEpochMilli(in.readLong());
        trial.missingTold = in.readBoolean();
        trial.heldBecause = in.readUTF();
        trial.shadowRows = in.readLong();
        trial.trafficRows = in.readLong();
        trial.shadowLabels = in.readLong();
        trial.trafficLabels = in.readLong();
        trial.required = Bet.read(in);
        trial.shadowHarm = Watch.read(in);
        trial.shadowInterval = ConfidenceSequence.read(in);
        trial.trafficHarm = Watch.read(in);
        trial.trafficInterval = ConfidenceSequence.read(in);
        trial.labels = Pairing.read(in);
        trial.failures = Guardrail.read(in);
        trial.nonFinite = Guardrail.read(in);
        trial.slow = Guardrail.read(in);
        trial.abstention = Guardrail.read(in);
        trial.disagreement = Guardrail.read(in);
        trial.shift = ScoreShift.read(in);
        trial.control = Latencies.read(in);
        trial.abstentions = Pairing.read(in);
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            String name = in.readUTF();
            Group group = new Group(Watch.read(in), Bet.read(in));
            group.counted = in.readLong();
            group.leftOut = in.readLong();
            group.told = in.readBoolean();
            trial.groups.put(name, group);
        }
        return trial;
    }
}
