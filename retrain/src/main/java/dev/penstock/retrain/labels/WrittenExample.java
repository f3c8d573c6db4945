package dev.penstock.retrain.labels;

import org.jspecify.annotations.Nullable;

/**
 * What was last written of a request, so that the same is not written twice.
 *
 * @param version that decided; 0 if that was not known
 */
public record WrittenExample(
        String label,
        double certainty,
        int version,
        @Nullable String decidedLabel) {
    static WrittenExample of(Said said, @Nullable SeenDecision decision) {
        return new WrittenExample(
                said.label(),
                said.certainty(),
                decision == null ? 0 : decision.version(),
                decision == null ? null : decision.label());
    }
}
