package dev.penstock.rollout.decisions;

import dev.penstock.schemas.FeedbackSource;
import java.time.Duration;

/**
 * What a request really was, in the last word of the highest source that has spoken.
 *
 * @param truth the label
 * @param source who says so; what systems say does not count
 * @param saidBy the person or team
 * @param certainty how sure the source is, 0 to 1: labels that are less sure count for less
 * @param weight inverse of the propensity with which the label could be known, 1 or more
 * @param age of the prediction when the label is handed in
 */
public record Label(String truth, FeedbackSource source, String saidBy, double certainty, double weight, Duration age) {
    public Label {
        if (!(certainty >= 0 && certainty <= 1) || !(weight >= 1) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "Cannot use a label with certainty %s and weight %s: certainty is between 0 and 1, weight 1 or more"
                            .formatted(certainty, weight));
        }
    }
}
