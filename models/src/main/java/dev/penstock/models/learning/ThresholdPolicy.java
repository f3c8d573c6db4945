package dev.penstock.models.learning;

/** From which score on a new version of a binary model decides for the second label; others keep their policy. */
public enum ThresholdPolicy {
    /** From where its parent does. */
    KEPT,
    /**
     * From where on it errs no more often than the version that serves when it decides for the second label, and finds
     * no less of it, by the held-out rows; see {@link dev.penstock.models.judging.ThresholdFit}. Where there is no such
     * threshold, from where its parent does.
     */
    PRECISION_KEPT
}
