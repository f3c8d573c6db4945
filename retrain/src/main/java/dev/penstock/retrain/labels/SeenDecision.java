package dev.penstock.retrain.labels;

import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Prediction;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What counts of a {@link Prediction}.
 *
 * @param label decided for; null if it abstained
 * @param features that the job added to the request's own
 * @param propensity with which its label could be known, above 0
 * @param readAt the record's timestamp
 * @param isExplored whether it decided nothing so that the label can be known
 */
public record SeenDecision(
        int version,
        @Nullable String label,
        Map<String, Double> features,
        double propensity,
        long readAt,
        boolean isExplored) {
    static SeenDecision of(Prediction prediction, long readAt) {
        String label = prediction.getOutcome() instanceof Decision decision ? decision.getLabel() : null;
        boolean isExplored = prediction.getOutcome() instanceof Abstention abstention
                && abstention.getReason() == AbstentionReason.EXPLORED;
        return new SeenDecision(
                prediction.getModelVersion(),
                label,
                prediction.getFeatures(),
                prediction.getPropensity(),
                readAt,
                isExplored);
    }

    /**
     * Whether the request was let through for sure, as one with that label, so that it would be heard of if it was another.
     * Who was blocked, or left to somebody else to decide, is silent for other reasons.
     */
    boolean letThroughAs(String harmless) {
        return isExplored || harmless.equals(label);
    }

    /** How much an example counts: as many as there are of its kind for each that is let through. */
    double weight(double largest) {
        // Anybody may write into the topic: NaN and what is no probability weigh nothing extra.
        return propensity > 0 && propensity < 1 ? Math.min(largest, 1 / propensity) : 1;
    }
}
