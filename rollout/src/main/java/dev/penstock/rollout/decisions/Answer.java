package dev.penstock.rollout.decisions;

import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import java.util.Optional;

/**
 * What one version answered to one request.
 *
 * @param version that answered, 1 or more
 * @param variant its role
 * @param label what it decided for, or would have if its decision had not been let through to learn the label; empty if
 *     it abstained for any other reason
 * @param confidence 0 to 1; 0 if there is none
 * @param failed whether it could not be asked
 * @param nonFinite whether its scores were not finite
 * @param latencyMicros what the answer took, 0 or more
 */
public record Answer(
        int version,
        Variant variant,
        Optional<String> label,
        double confidence,
        boolean failed,
        boolean nonFinite,
        long latencyMicros) {

    public Answer {
        if (version < 1 || !(confidence >= 0 && confidence <= 1) || latencyMicros < 0) {
            throw new IllegalArgumentException(
                    "Cannot use an answer by version %d with confidence %s after %d us: versions start at 1, confidence is between 0 and 1, time does not run backwards"
                            .formatted(version, confidence, latencyMicros));
        }
    }

    /** The latency is what decoding and scoring took, without the wait for a batch. */
    public static Answer of(Prediction prediction) {
        Object outcome = prediction.getOutcome();
        Optional<String> label = Optional.empty();
        double confidence = 0;
        boolean failed = false;
        boolean nonFinite = false;
        if (outcome instanceof Decision decision) {
            label = Optional.of(decision.getLabel());
            confidence = decision.getConfidence();
        } else if (outcome instanceof Abstention abstention) {
            failed = abstention.getReason() == AbstentionReason.MODEL_FAILED;
            nonFinite = abstention.getReason() == AbstentionReason.NON_FINITE_SCORES;
            Double likeliest = abstention.getConfidence();
            confidence = likeliest == null ? 0 : likeliest;
            if (abstention.getReason() == AbstentionReason.EXPLORED) {
                label = Optional.ofNullable(abstention.getLikeliestLabel());
            }
        } else {
            throw new IllegalArgumentException("Cannot judge outcome %s".formatted(outcome));
        }
        return new Answer(
                prediction.getModelVersion(),
                prediction.getVariant(),
                label,
                Double.isFinite(confidence) ? Math.min(1, Math.max(0, confidence)) : 0,
                failed,
                nonFinite,
                Math.max(
                        0,
                        prediction.getTiming().getDecodeMicros()
                                + prediction.getTiming().getScoreMicros()));
    }

    boolean abstained() {
        return label.isEmpty();
    }
}
