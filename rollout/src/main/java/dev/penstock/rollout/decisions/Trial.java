package dev.penstock.rollout.decisions;

import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.Variant;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The trial of one candidate, from its first shadow to its end: whether what {@link RowEvidence} and {@link LabelEvidence}
 * have seen of it suffices for the next step, or for its end.
 *
 * <p>The level alpha is spent twice. For ending the trial by mistake it is split into {@value #WAYS_TO_FAIL} equal parts:
 * labels in SHADOW, labels under traffic, all slices together, failures, scores that are not finite, slowness, abstention,
 * and disagreement with score shift. For moving on by mistake each test has the whole of it, since all of them must agree.
 */
final class Trial {
    private static final int WAYS_TO_FAIL = 8;
    /** By how much the clocks of two tasks may differ. */
    private static final Duration CLOCKS = Duration.ofMinutes(1);

    private final String model;
    private final int version;
    private final int champion;
    private final Instant begun;
    private final RolloutPlan plan;

    private Progress progress;
    private Instant lastLabel;
    private boolean missingTold;
    private String heldBecause = "";
    private long shadowRows;
    private long trafficRows;
    private LabelEvidence labels;
    private RowEvidence rows;

    Trial(String model, int version, int champion, Instant begun, RolloutPlan plan) {
        this.model = model;
        this.version = version;
        this.champion = champion;
        this.begun = begun;
        this.plan = plan;
        progress = new Progress(plan, begun);
        lastLabel = begun;
        labels = new LabelEvidence(plan);
        rows = new RowEvidence(plan);
    }

    int version() {
        return version;
    }

    int champion() {
        return champion;
    }

    /** One for each trial, and the same when it is decided anew. */
    String salt() {
        return "%s/%d/%d".formatted(model, version, begun.toEpochMilli());
    }

    // Where it is

    boolean isShadow() {
        return progress.isShadow();
    }

    RolloutStage stage() {
        return isShadow() ? RolloutStage.SHADOW : RolloutStage.CANARY;
    }

    /** Share of entities that the candidate answers for. */
    double share() {
        return progress.share();
    }

    boolean isLastStep() {
        return progress.isLastStep();
    }

    void nextStep(Instant now) {
        progress.nextStep(now);
        heldBecause = "";
    }

    /** Goes on to the step that was written already; what this knows of the steps before stays. */
    void catchUp(double share, Instant now) {
        while (share() < share && !isLastStep()) {
            nextStep(now);
        }
    }

    // What it hears

    /** @return whether a window of rows is full */
    boolean shadowed(Answer byChampion, Answer byCandidate) {
        if (!isPair(byChampion, byCandidate)) {
            return false;
        }
        shadowRows++;
        if (isShadow()) {
            progress.countRow();
        }
        rows.shadowed(byChampion, byCandidate);
        return shadowRows % plan.windowRows() == 0;
    }

    /** @return whether a window of rows is full */
    boolean served(Answer answer) {
        if (answer.version() == champion) {
            rows.champion(answer);
            return false;
        }
        if (!isCanary(answer)) {
            return false;
        }
        trafficRows++;
        progress.countRow();
        rows.canary(answer);
        return trafficRows % plan.windowRows() == 0;
    }

    /**
     * Takes a label of a request that both versions answered.
     *
     * @param names of the groups it is in, its source first
     * @return whether a window of labels is full
     */
    boolean shadowLabelled(Answer byChampion, Answer byCandidate, Label label, List<String> names, Instant now) {
        if (!isPair(byChampion, byCandidate) || !labels.admits(names)) {
            return false;
        }
        if (isShadow()) {
            progress.countLabel();
        }
        labelCame(now);
        labels.shadowed(byChampion, byCandidate, label, names);
        return labels.inShadow() % plan.windowLabels() == 0;
    }

    /** @return whether a window of labels is full */
    boolean servedLabelled(Answer answer, Label label, List<String> names, Instant now) {
        boolean isControl = answer.version() == champion && answer.variant() == Variant.CONTROL && !isShadow();
        if ((!isCanary(answer) && !isControl) || !labels.admits(names)) {
            return false;
        }
        labelCame(now);
        if (!(isControl ? labels.control(answer, label) : labels.canary(answer, label))) {
            return false;
        }
        progress.countLabel();
        return labels.underTraffic() % plan.windowLabels() == 0;
    }

    /**
     * Takes note that a label was changed which may have counted here.
     *
     * @param names of the groups that it was in when it was handed in, its source first
     * @return whether what let the candidate leave SHADOW does not hold any more
     */
    boolean overruled(Happening.Overruled overruled, List<String> names) {
        boolean countedHere = overruled.candidate().isPresent()
                && isPair(overruled.answer(), overruled.candidate().get())
                && !overruled.handedInAt().isBefore(begun.minus(CLOCKS))
                && labels.groups().names().contains(names.get(0));
        if (!countedHere) {
            return false;
        }
        boolean wasMet = labels.meetRequirement();
        labels.overruled(overruled, names);
        return !isShadow() && wasMet && !labels.meetRequirement();
    }

    private boolean isPair(Answer byChampion, Answer byCandidate) {
        return byChampion.version() == champion && byCandidate.version() == version;
    }

    private boolean isCanary(Answer answer) {
        return answer.version() == version && answer.variant() == Variant.CANARY && !isShadow();
    }

    private void labelCame(Instant now) {
        lastLabel = now;
        missingTold = false;
    }

    // What is told of it once

    /** Of the sources and slices that labels came from. */
    Set<String> names() {
        return labels.groups().names();
    }

    /** A source that has been left out so often that somebody should know: told of once. */
    Optional<String> flooding() {
        return labels.groups().flooding();
    }

    /** Labels that counted here and were changed since. */
    long changedLabels() {
        return labels.changed();
    }

    /** Whether a label has been waited for too long: told of once, until one comes. */
    boolean misses(Instant now) {
        if (missingTold
                || !progress.needsLabels()
                || withoutLabels(now).compareTo(plan.labelHealth().missingAfter()) < 0) {
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

    // What follows

    /** Whether any limit is broken. */
    boolean fails() {
        return labels.showHarm(alphaOfFailing()) || rows.isOneBroken(alphaOfFailing());
    }

    private double alphaOfFailing() {
        return plan.alpha() / WAYS_TO_FAIL;
    }

    /** Whether everything is there that the next step asks for. */
    boolean passes(Instant now) {
        return progress.suffices(now)
                && (isShadow() ? rows.areKept() && labels.meetRequirement() : rows.areKeptUnderTraffic());
    }

    /** Whether so many labels have shown no gain that more are not worth the wait of others. */
    boolean isFutile() {
        return progress.hasHadItsLabels() && !labels.meetRequirement();
    }

    /** What it did not show, and how small a gain it would have shown. */
    String futility() {
        return labels.futility();
    }

    EvidenceVerdict verdict(Instant now) {
        return fails() ? EvidenceVerdict.FAIL : passes(now) ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE;
    }

    /** Every check with what it saw. */
    Evaluation evaluation(Instant now) {
        return Evaluation.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setAgainst(champion)
                .setStage(stage())
                .setShare(share())
                .setVerdict(verdict(now))
                .setChecks(checks())
                .setEvaluatedAt(now)
                .build();
    }

    private List<Check> checks() {
        double alpha = alphaOfFailing();
        List<Check> checks = new ArrayList<>();
        checks.add(labels.shadowCheck(alpha));
        if (!isShadow()) {
            checks.add(labels.trafficCheck(
                    alpha, progress.needsLabels() ? EvidenceVerdict.INCONCLUSIVE : EvidenceVerdict.PASS));
        }
        checks.addAll(rows.checks(alpha));
        if (!isShadow()) {
            checks.addAll(rows.trafficChecks(alpha));
        }
        checks.addAll(labels.groups().checks(alpha));
        return checks;
    }

    // How it is kept

    void write(DataOutput out) throws IOException {
        out.writeInt(version);
        out.writeInt(champion);
        out.writeLong(begun.toEpochMilli());
        progress.write(out);
        out.writeLong(lastLabel.toEpochMilli());
        out.writeBoolean(missingTold);
        out.writeUTF(heldBecause);
        out.writeLong(shadowRows);
        out.writeLong(trafficRows);
        out.writeLong(labels.inShadow());
        out.writeLong(labels.underTraffic());
        labels.write(out);
        rows.write(out);
        labels.groups().write(out);
    }

    /** What {@link #write} does not: written apart, since bytes from before there were corrections are without. */
    void writeCorrections(DataOutput out) throws IOException {
        labels.writeCorrections(out);
    }

    void readCorrections(DataInput in) throws IOException {
        labels.readCorrections(in);
    }

    static Trial read(DataInput in, String model, RolloutPlan plan) throws IOException {
        Trial trial = new Trial(model, in.readInt(), in.readInt(), Instant.ofEpochMilli(in.readLong()), plan);
        trial.progress = Progress.read(in, plan);
        trial.lastLabel = Instant.ofEpochMilli(in.readLong());
        trial.missingTold = in.readBoolean();
        trial.heldBecause = in.readUTF();
        trial.shadowRows = in.readLong();
        trial.trafficRows = in.readLong();
        // How many labels came is also known from what was seen of them.
        in.readLong();
        in.readLong();
        trial.labels = LabelEvidence.read(in, plan);
        trial.rows = RowEvidence.read(in, plan);
        trial.labels.readGroups(in);
        return trial;
    }
}
