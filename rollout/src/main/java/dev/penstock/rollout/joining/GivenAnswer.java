package dev.penstock.rollout.joining;

import dev.penstock.rollout.decisions.Answer;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one version answered to one request, as it travels and is kept; of scores and features only what is judged.
 *
 * @param scoredAt milliseconds since 1970-01-01T00:00Z
 * @param propensity with which the label could be known, above 0 and at most 1
 * @param explored whether it was not decided, so that the label can be known
 */
public record GivenAnswer(
        String pipeline,
        String requestId,
        String predictionId,
        String model,
        int version,
        Variant variant,
        @Nullable String label,
        double confidence,
        boolean failed,
        boolean nonFinite,
        long latencyMicros,
        long scoredAt,
        double propensity,
        Map<String, String> attributes,
        boolean explored) {

    /** @throws IllegalArgumentException if nothing can be judged by it */
    static GivenAnswer of(Prediction prediction) {
        Answer answer = Answer.of(prediction);
        double propensity = prediction.getPropensity();
        if (!(propensity > 0 && propensity <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot use a prediction with propensity %s: it is above 0 and at most 1".formatted(propensity));
        }
        return new GivenAnswer(
                prediction.getPipeline(),
                prediction.getRequestId(),
                prediction.getPredictionId(),
                prediction.getModel(),
                answer.version(),
                answer.variant(),
                answer.label().orElse(null),
                answer.confidence(),
                answer.failed(),
                answer.nonFinite(),
                answer.latencyMicros(),
                prediction.getTiming().getScoredAt().toEpochMilli(),
                propensity,
                prediction.getAttributes(),
                prediction.getOutcome() instanceof Abstention abstention
                        && abstention.getReason() == AbstentionReason.EXPLORED);
    }

    /**
     * Whether the request was let through for sure, as one with that label, so that it would be heard of if it was another.
     * Who was blocked, or left to somebody else to decide, is silent for other reasons.
     */
    boolean letThroughAs(String harmless) {
        return explored || harmless.equals(label);
    }

    boolean isShadow() {
        return variant == Variant.SHADOW;
    }

    /** Whether its sender was told something else: a shadow's, or that of a canary that failed, whose champion answered. */
    boolean isBeside() {
        return isShadow() || (failed && variant == Variant.CANARY);
    }

    Answer answer() {
        return new Answer(version, variant, Optional.ofNullable(label), confidence, failed, nonFinite, latencyMicros);
    }
}
