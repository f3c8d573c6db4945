package dev.penstock.rollout.plan;

/** What a candidate must have shown before it leaves SHADOW. */
public enum Requirement {
    /** That it loses less than the champion. */
    SUPERIOR,
    /** That it does not lose more than the champion by the margin. */
    NOT_WORSE
}
