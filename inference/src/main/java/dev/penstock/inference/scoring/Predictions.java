package dev.penstock.inference.scoring;

import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
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
    private Predictions() {}

    /**
     * The call that a request was part of.
     *
     * @param rows that shared it
     */
    record Call(long decodeMicros, long scoreMicros, Instant scoredAt, int rows) {}

    static Prediction of(Request.Addressed request, ServedModel served, Scores scores, Call call) {
        InferenceRequest content = request.content();
        ModelVersion version = served.version();
        ModelCard card = served.model().card();
        Instant requestedAt = Instant.ofEpochMilli(request.record().timestamp());
        return Prediction.newBuilder()
                .setPredictionId(PredictionId.of(
                        content.getPipeline(),
                        content.getRequestId(),
                        version.getModel(),
                        version.getVersion(),
                        Variant.CHAMPION))
                .setRequestId(content.getRequestId())
                .setPipeline(content.getPipeline())
                .setEntityId(content.getEntityId())
                .setEventTime(content.getEventTime())
                .setOrigin(origin(request))
                .setAttributes(content.getAttributes())
                .setModel(version.getModel())
                .setModelVersion(version.getVersion())
                .setBundleDigest(version.getDigest())
                .setVariant(Variant.CHAMPION)
                .setOutcome(outcome(Verdict.of(scores.deciding(), card.task(), card.decision())))
                .setScores(finite(scores.deciding(), decidingOutput(card)))
                .setFurtherOutputs(further(scores, card))
                .setThreshold(card.decision().threshold())
                .setAbstainBelow(card.decision().abstainBelow())
                .setPolicyVersion(card.decision().version())
                .setTiming(Timing.newBuilder()
                        .setReceivedAt(content.getReceivedAt() == null ? requestedAt : content.getReceivedAt())
                        .setRequestedAt(requestedAt)
                        .setScoredAt(call.scoredAt())
                        .setDecodeMicros(call.decodeMicros())
                        .setScoreMicros(call.scoreMicros())
                        .setBatchSize(call.rows())
                        .build())
                .build();
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
        return card.outputs().stream()
                .filter(OutputSpec::deciding)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "Cannot predict with model '%s': no output of its card decides".formatted(card.name())));
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
