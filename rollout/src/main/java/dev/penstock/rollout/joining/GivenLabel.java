package dev.penstock.rollout.joining;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.rollout.decisions.Label;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import java.time.Duration;

/**
 * What somebody says a request was, as it travels and is kept.
 *
 * @param source a person, an outcome or an appeal, or nobody
 * @param saidAt milliseconds since 1970-01-01T00:00Z
 */
public record GivenLabel(
        String pipeline,
        String requestId,
        String label,
        FeedbackSource source,
        String saidBy,
        long saidAt,
        double certainty) {

    static GivenLabel of(Feedback feedback) {
        return new GivenLabel(
                feedback.getPipeline(),
                feedback.getRequestId(),
                feedback.getLabel(),
                feedback.getSource(),
                feedback.getSaidBy(),
                feedback.getSaidAt().toEpochMilli(),
                feedback.getCertainty());
    }

    /** What it means that nobody has spoken: the lowest word, which anybody's overrules. */
    static GivenLabel nothing(GivenAnswer served, Silence rule) {
        return new GivenLabel(
                served.pipeline(),
                served.requestId(),
                rule.label(),
                FeedbackSource.SILENCE,
                "",
                served.scoredAt() + rule.after().toMillis(),
                rule.certainty());
    }

    /** A higher source counts, and of one source what it said last. */
    boolean overrules(GivenLabel earlier) {
        int order = source.compareTo(earlier.source);
        return order > 0 || (order == 0 && saidAt >= earlier.saidAt);
    }

    Label label(GivenAnswer answered, long ageMillis) {
        return new Label(
                label, source, saidBy, certainty, 1 / answered.propensity(), Duration.ofMillis(Math.max(0, ageMillis)));
    }
}
