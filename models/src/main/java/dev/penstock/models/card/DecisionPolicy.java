package dev.penstock.models.card;

/**
 * When a score is a decision.
 *
 * @param version counts changes of the policy, 1 or more
 * @param threshold probability from which a label that stands alone (binary, multi-label) is decided for, 0 to 1
 * @param abstainBelow confidence below which nothing is decided, 0 to 1; 0 to decide always
 */
public record DecisionPolicy(int version, double threshold, double abstainBelow) {
    /** Version 1: decides always, and for a label that stands alone from one half. */
    public static DecisionPolicy usual() {
        return new DecisionPolicy(1, 0.5, 0);
    }

    /** The same policy with another threshold, which counts as a change; itself if it has that threshold. */
    public DecisionPolicy withThreshold(double other) {
        return other == threshold ? this : new DecisionPolicy(version + 1, other, abstainBelow);
    }
}
