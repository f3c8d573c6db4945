package dev.penstock.rollout.decisions;

import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlan.Step;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** How far a trial has come: whether it is in SHADOW or at which step, and how much has come since that began. */
final class Progress {
    private static final int SHADOW = -1;

    private final RolloutPlan plan;
    private int step;
    private Instant stepBegun;
    private long rows;
    private long labels;

    private Progress(RolloutPlan plan, int step, Instant stepBegun, long rows, long labels) {
        this.plan = plan;
        this.step = step;
        this.stepBegun = stepBegun;
        this.rows = rows;
        this.labels = labels;
    }

    Progress(RolloutPlan plan, Instant begun) {
        this(plan, SHADOW, begun, 0, 0);
    }

    boolean isShadow() {
        return step == SHADOW;
    }

    /** Share of entities that the candidate answers for. */
    double share() {
        return isShadow() ? 0 : current().share();
    }

    /** The plan may have fewer steps than when the trial came here. */
    private Step current() {
        return plan.steps().get(Math.min(step, plan.steps().size() - 1));
    }

    boolean isLastStep() {
        return step >= plan.steps().size() - 1;
    }

    void nextStep(Instant now) {
        step++;
        stepBegun = now;
        rows = 0;
        labels = 0;
    }

    void countRow() {
        rows++;
    }

    /** In SHADOW one label is of both versions, later it takes one of each. */
    void countLabel() {
        labels++;
    }

    boolean needsLabels() {
        return isShadow() || labels < current().minimumLabels();
    }

    /** Whether the rows, labels and time have come that the plan asks for. */
    boolean suffices(Instant now) {
        return isShadow()
                ? has(
                        plan.shadow().minimumRows(),
                        plan.shadow().minimumLabels(),
                        plan.shadow().minimumTime(),
                        now)
                : has(
                        current().minimumRows(),
                        current().minimumLabels(),
                        current().minimumTime(),
                        now);
    }

    private boolean has(long minimumRows, long minimumLabels, Duration minimumTime, Instant now) {
        return rows >= minimumRows
                && labels >= minimumLabels
                && Duration.between(stepBegun, now).compareTo(minimumTime) >= 0;
    }

    /** Whether a candidate has had as many labels as it may have to show what is required. */
    boolean hasHadItsLabels() {
        return isShadow() && labels >= plan.shadow().maximumLabels();
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(step);
        out.writeLong(stepBegun.toEpochMilli());
        out.writeLong(rows);
        out.writeLong(labels);
    }

    static Progress read(DataInput in, RolloutPlan plan) throws IOException {
        return new Progress(plan, in.readInt(), Instant.ofEpochMilli(in.readLong()), in.readLong(), in.readLong());
    }
}
