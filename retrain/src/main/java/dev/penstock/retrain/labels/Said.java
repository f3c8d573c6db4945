package dev.penstock.retrain.labels;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;

/**
 * What counts of a {@link Feedback}.
 *
 * @param source name of a {@link FeedbackSource}
 * @param saidAt milliseconds since 1970-01-01T00:00Z, by the source's clock, and not after it was read
 * @param certainty 0 to 1, whatever was said
 * @param readAt the record's timestamp
 */
public record Said(String label, String source, String saidBy, long saidAt, double certainty, long readAt) {
    static Said of(Feedback feedback, long readAt) {
        return new Said(
                feedback.getLabel(),
                feedback.getSource().name(),
                feedback.getSaidBy(),
                // A clock that is ahead would keep later corrections out.
                Math.min(feedback.getSaidAt().toEpochMilli(), readAt),
                certainty(feedback.getCertainty()),
                readAt);
    }

    /** What it means that nobody has spoken: the lowest word, which anybody's overrules. */
    static Said nothing(Silence rule, long at, long readAt) {
        return new Said(rule.label(), FeedbackSource.SILENCE.name(), "silence", at, rule.certainty(), readAt);
    }

    /** Anybody may write into the topic: nobody is surer than sure, and what is no number says nothing. */
    private static double certainty(double said) {
        return said > 0 ? Math.min(1, said) : 0;
    }

    /**
     * What a system says may be the model's own word, a source of a kind that is not known may be a system, and of silence
     * nobody can speak.
     */
    static boolean isLearntFrom(FeedbackSource source) {
        return switch (source) {
            case UNKNOWN, SYSTEM, SILENCE -> false;
            case HUMAN, OUTCOME, APPEAL -> true;
        };
    }

    FeedbackSource kind() {
        return FeedbackSource.valueOf(source);
    }

    /** A higher kind counts; of one kind, who spoke first, until he says something else. */
    boolean overrules(Said earlier) {
        // The schema lists kinds lowest first.
        int higher = kind().compareTo(earlier.kind());
        return higher > 0 || (higher == 0 && saidBy.equals(earlier.saidBy) && saidAt >= earlier.saidAt);
    }

    /** Whether it is the word of one against that of another of the same kind. */
    boolean disputes(Said earlier) {
        return kind() == earlier.kind() && !saidBy.equals(earlier.saidBy);
    }
}
