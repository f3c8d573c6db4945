package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.RecordBuffer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes down a decision with all that it can be answered for with: the bytes of a {@link Prediction}, field by field in
 * the order of its schema. No object is made of it, and what a version's predictions have in common is encoded once:
 * with Avro's own writer this was the greater part of the job's work. For one thread at a time.
 */
final class PredictionWriter {
    private static final String TOPIC = Topic.PREDICTIONS.topicName();
    private static final String NOT_CALIBRATED = "none";
    private static final Variant VARIANT = Variant.CHAMPION;

    private static final int DECISION = 0;
    private static final int ABSTENTION = 1;
    private static final int NULL = 0;
    private static final int NOT_NULL = 1;
    private static final int END = 0;

    private final SchemaRegistry registry;
    private final RecordBuffer out = new RecordBuffer();
    private final PredictionIds ids = new PredictionIds();

    private int schemaId = -1;
    private @Nullable Served last;

    PredictionWriter(SchemaRegistry registry) {
        this.registry = registry;
    }

    /**
     * The call that a request was part of.
     *
     * @param rows that shared it
     */
    record Call(long scoreMicros, Instant scoredAt, int rows) {}

    /** An output of the model; its name and labels as they are written. */
    private static final class Output {
        private final OutputSpec spec;
        private final byte[] name;
        private final byte[][] labels;

        Output(OutputSpec spec, RecordBuffer out) {
            this.spec = spec;
            name = text(spec.name(), out);
            labels = spec.labels().stream().map(label -> text(label, out)).toArray(byte[][]::new);
        }

        private static byte[] text(String text, RecordBuffer out) {
            return out.startPart().writeString(text).toByteArray();
        }
    }

    /** What all predictions of one version have in common. */
    private static final class Served {
        private final ServedModel model;
        private final byte[] answerer;
        private final byte[] version;
        private final byte[] policy;
        private final Output deciding;
        private final List<Output> further;

        Served(ServedModel model, RecordBuffer out) {
            this.model = model;
            ModelVersion announced = model.version();
            ModelCard card = model.model().card();
            answerer = PredictionIds.answerer(announced.getModel(), announced.getVersion(), VARIANT);
            version = out.startPart()
                    .writeString(announced.getModel())
                    .writeLong(announced.getVersion())
                    .writeString(announced.getDigest())
                    .writeLong(Variant.getClassSchema().getEnumOrdinal(VARIANT.name()))
                    .toByteArray();
            policy = out.startPart()
                    .writeString(NOT_CALIBRATED)
                    .writeDouble(card.decision().threshold())
                    .writeDouble(card.decision().abstainBelow())
                    .writeLong(card.decision().version())
                    .toByteArray();
            deciding = card.outputs().stream()
                    .filter(OutputSpec::deciding)
                    .map(output -> new Output(output, out))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "Cannot predict with model '%s': no output of its card decides".formatted(card.name())));
            further = card.outputs().stream()
                    .filter(output -> !output.deciding())
                    .map(output -> new Output(output, out))
                    .toList();
        }
    }

    /**
     * @param decodeMicros that the request's payload took
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException if the schema is to be registered and the registry
     *     does not answer
     */
    OutputRecord write(Request.Addressed request, ServedModel model, Scores scores, long decodeMicros, Call call) {
        Served served = served(model);
        InferenceRequest content = request.content();
        byte[] requestId = content.getRequestId().getBytes(UTF_8);
        byte[] pipeline = content.getPipeline().getBytes(UTF_8);
        out.start(schemaId())
                .writeString(ids.of(pipeline, requestId, served.answerer))
                .writeString(requestId)
                .writeString(pipeline)
                .writeString(content.getEntityId())
                .writeLong(content.getEventTime().toEpochMilli());
        writeOrigin(content.getOrigin(), request.record());
        writeMap(content.getAttributes(), out::writeString);
        out.writePart(served.version);
        writeOutcome(scores.deciding(), served.model.model().card());
        writeScores(scores.deciding(), served.deciding);
        writeFurther(scores.further(), served.further);
        out.writePart(served.policy);
        writeTiming(content.getReceivedAt(), request.record().timestamp(), decodeMicros, call);
        writeMap(request.addedFeatures(), out::writeDouble);
        return new OutputRecord(TOPIC, requestId, out.toByteArray(), Map.of());
    }

    private Served served(ServedModel model) {
        Served known = last;
        if (known == null || !known.model.equals(model)) {
            known = new Served(model, out);
            last = known;
        }
        return known;
    }

    private int schemaId() {
        if (schemaId < 0) {
            schemaId = registry.register(SchemaRegistry.subjectOf(TOPIC), Prediction.getClassSchema());
        }
        return schemaId;
    }

    /** The request's own or, if it has none, the request. */
    private void writeOrigin(@Nullable Origin source, InputRecord request) {
        if (source == null) {
            out.writeString(request.topic()).writeLong(request.partition()).writeLong(request.offset());
        } else {
            out.writeString(source.getTopic()).writeLong(source.getPartition()).writeLong(source.getOffset());
        }
    }

    private <T> void writeMap(Map<String, T> map, Consumer<T> value) {
        if (!map.isEmpty()) {
            out.writeLong(map.size());
            map.forEach((name, each) -> {
                out.writeString(name);
                value.accept(each);
            });
        }
        out.writeLong(END);
    }

    private void writeOutcome(LabelledScores scores, ModelCard card) {
        DecisionPolicy policy = card.decision();
        Verdict verdict = Verdict.of(scores, card.task(), policy);
        if (verdict instanceof Verdict.Decided decided) {
            out.writeLong(DECISION).writeString(decided.label()).writeDouble(decided.confidence());
            if (!decided.labels().isEmpty()) {
                out.writeLong(decided.labels().size());
                decided.labels().forEach(out::writeString);
            }
            out.writeLong(END);
        } else if (verdict instanceof Verdict.Abstained abstained) {
            out.writeLong(ABSTENTION)
                    .writeLong(AbstentionReason.getClassSchema()
                            .getEnumOrdinal(abstained.reason().name()))
                    .writeString(abstained.detail());
            abstained
                    .likeliestLabel()
                    .ifPresentOrElse(label -> out.writeLong(NOT_NULL).writeString(label), () -> out.writeLong(NULL));
            abstained
                    .confidence()
                    .ifPresentOrElse(
                            confidence -> out.writeLong(NOT_NULL).writeDouble(confidence), () -> out.writeLong(NULL));
        } else {
            throw new IllegalStateException("Cannot write down unknown verdict: " + verdict);
        }
    }

    /** The highest of those that are finite; a place among the highest is not given to another for one that is not. */
    private void writeScores(LabelledScores scores, Output output) {
        int[] places = scores.highestPlaces(output.spec.highest());
        int finite = 0;
        for (int place : places) {
            finite += Float.isFinite(scores.score(place)) ? 1 : 0;
        }
        if (finite > 0) {
            out.writeLong(finite);
            for (int place : places) {
                if (Float.isFinite(scores.score(place))) {
                    out.writePart(output.labels[place]).writeFloat(scores.score(place));
                }
            }
        }
        out.writeLong(END);
    }

    private void writeFurther(Map<String, LabelledScores> further, List<Output> outputs) {
        int written = 0;
        for (Output output : outputs) {
            written += further.containsKey(output.spec.name()) ? 1 : 0;
        }
        if (written > 0) {
            out.writeLong(written);
            for (Output output : outputs) {
                LabelledScores scores = further.get(output.spec.name());
                if (scores != null) {
                    out.writePart(output.name);
                    writeScores(scores, output);
                }
            }
        }
        out.writeLong(END);
    }

    private void writeTiming(@Nullable Instant receivedAt, long requestedAt, long decodeMicros, Call call) {
        out.writeLong(receivedAt == null ? requestedAt : receivedAt.toEpochMilli())
                .writeLong(requestedAt)
                .writeLong(call.scoredAt().toEpochMilli())
                .writeLong(decodeMicros)
                .writeLong(call.scoreMicros())
                .writeLong(call.rows());
    }
}
