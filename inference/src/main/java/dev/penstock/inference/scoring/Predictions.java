package dev.penstock.inference.scoring;

import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.Variant;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** Writes down a decision with all that it can be answered for with. */
final class Predictions {
    private static final String NOT_CALIBRATED = "none";

    private Predictions() {}

    /**
     * The call that a request was part of.
     *
     * @param rows that shared it
     */
    record Call(long decodeMicros, long scoreMicros, Instant scoredAt, int rows) {}

    static Prediction of(Request.Addressed request, ServedModel served, Scores scores, Call call, PredictionIds ids) {
        InferenceRequest content = request.content();
        ModelVersion version = served.version();
        ModelCard card = served.model().card();
        Instant requestedAt = Instant.ofEpochMilli(request.record().timestamp());
        DecisionPolicy policy = card.decision();
        // Not the builder: it copies and checks each field again, which shows at tens of thousands a second.
        return new Prediction(
                ids.of(
                        content.getPipeline(),
                        content.getRequestId(),
                        version.getModel(),
                        version.getVersion(),
                        Variant.CHAMPION),
                content.getRequestId(),
                content.getPipeline(),
                content.getEntityId(),
                content.getEventTime(),
                origin(request),
                content.getAttributes(),
                version.getModel(),
                version.getVersion(),
                version.getDigest(),
                Variant.CHAMPION,
                outcome(Verdict.of(scores.deciding(), card.task(), policy)),
                finite(scores.deciding(), decidingOutput(card)),
                further(scores, card),
                NOT_CALIBRATED,
                policy.threshold(),
                policy.abstainBelow(),
                policy.version(),
                new Timing(
                        content.getReceivedAt() == null ? requestedAt : content.getReceivedAt(),
                        requestedAt,
                        call.scoredAt(),
                        call.decodeMicros(),
                        call.scoreMicros(),
                        call.rows()),
                request.addedFeatures());
    }

    private static Origin origin(Request.Addressed request) {
        Origin source = request.content().getOrigin();
        return source != null
                ? source
                : new Origin(
                        request.record().topic(),
                        request.record().partition(),
                        request.record().offset());
    }

    private static SpecificRecord outcome(Verdict verdict) {
        if (verdict instanceof Verdict.Decided decided) {
            return new Decision(decided.label(), decided.confidence(), decided.labels());
        }
        if (verdict instanceof Verdict.Abstained abstained) {
            return Abstention.newBuilder()
                    .setReason(AbstentionReason.valueOf(abstained.reason().name()))
                    .setDetail(abstained.detail())
                    .setLikeliestLabel(abstained.likeliestLabel().orElse(null))
                    .setConfidence(
                            abstained.confidence().isPresent()
                                    ? abstained.confidence().getAsDouble()
                                    : null)
                    .build();
        }
        throw new IllegalStateException("Cannot write down unknown verdict: " + verdict);
    }

    private static OutputSpec decidingOutput(ModelCard card) {
        for (OutputSpec output : card.outputs()) {
            if (output.deciding()) {
                return output;
            }
        }
        throw new IllegalStateException(
                "Cannot predict with model '%s': no output of its card decides".formatted(card.name()));
    }

    private static Map<String, Map<String, Float>> further(Scores scores, ModelCard card) {
        if (scores.further().isEmpty()) {
            return Map.of();
        }
        Map<String, Map<String, Float>> byOutput = new HashMap<>();
        for (OutputSpec output : card.outputs()) {
            LabelledScores further = scores.further().get(output.name());
            if (further != null) {
                byOutput.put(output.name(), finite(further, output));
            }
        }
        return byOutput;
    }

    private static Map<String, Float> finite(LabelledScores scores, OutputSpec output) {
        Map<String, Float> highest = scores.highest(output.highest());
        highest.values().removeIf(score -> !Float.isFinite(score));
        return highest;
    }
}
