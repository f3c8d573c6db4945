package dev.penstock.rollout.plan;

/** Plans to start from. */
public enum Preset {
    /** Hours to days for each step, thousands of labels. */
    PRODUCTION,
    /** Seconds for each step, hundreds of labels: to be watched, not to be relied on. */
    DEMO;

    RolloutPlan plan() {
        return this == PRODUCTION ? RolloutPlan.production() : RolloutPlan.demo();
    }
}
