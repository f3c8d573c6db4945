package dev.penstock.models.judging;

/**
 * How often labels of one kind contradict the version that serves. Where one source contradicts it far more often than
 * others, the source may be the one that errs.
 *
 * @param what whose labels, such as {@code said-by=chargebacks}, {@code source=HUMAN} or {@code country=FR}
 * @param rows that carry such a label
 * @param contradicted of them those that the version decided otherwise
 * @param share contradicted by rows
 * @param shareOfOthers the same of all other rows; NaN if there are none
 * @param isUnusual whether it is more often than in other rows, by a tenth and beyond chance
 */
public record Contradiction(
        String what, int rows, int contradicted, double share, double shareOfOthers, boolean isUnusual) {}
