package dev.penstock.inference.features;

import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;

/**
 * What counts of a {@link Feedback}.
 *
 * @param rank of its source: the highest is believed
 * @param saidAt milliseconds since 1970-01-01T00:00Z
 */
public record GivenFeedback(String pipeline, String requestId, String label, int rank, long saidAt) {
    static GivenFeedback of(Feedback feedback) {
        return new GivenFeedback(
                feedback.getPipeline(),
                feedback.getRequestId(),
                feedback.getLabel(),
                rank(feedback.getSource()),
                feedback.getSaidAt().toEpochMilli());
    }

    private static int rank(FeedbackSource source) {
        return switch (source) {
            case UNKNOWN, SILENCE -> 0;
            case SYSTEM -> 1;
            case HUMAN -> 2;
            case OUTCOME -> 3;
            case APPEAL -> 4;
        };
    }

    /** A higher source counts, and of one source what it said last. */
    boolean overrules(GivenFeedback earlier) {
        return rank > earlier.rank || (rank == earlier.rank && saidAt >= earlier.saidAt);
    }
}
