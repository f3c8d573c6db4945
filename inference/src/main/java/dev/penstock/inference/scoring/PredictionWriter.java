package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
import dev.penstock.models.card.Calibration;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes down a decision with all that it can be answered for with: the bytes of a {@link Prediction}, field by field in
 * the order of its schema. No object is made of it, and what a version's predictions have in common is encoded once:
 * with Avro's own writer this was the greater part of the job's work. For one thread at a time.
 */
public final class PredictionWriter {
    private static final String NOT_CALIBRATED = "none";

    /** The propensity of whatever was not let through by chance; see {@link Exploring}. */
    private static final double CERTAIN = 1;

    private static final int DECISION = 0;
    private static final int ABSTENTION = 1;
    private static final int NULL = 0;
    private static final int NOT_NULL = 1;
    private static final int END = 0;

    private final SchemaRegistry registry;
    private final RecordBuffer out = new RecordBuffer();
    private final PredictionIds ids = new PredictionIds();

    /** By topic. */
    private final Map<Topic, Integer> schemaIds = new EnumMap<>(Topic.class);

    private final Exploring exploring;
    private @Nullable Served last;
    private double propensity = CERTAIN;

    /** Every decision is made. */
    public PredictionWriter(SchemaRegistry registry) {
        this(registry, Exploring.never());
    }

    /** @param exploring which decisions are not made, so that their labels can be known */
    PredictionWriter(SchemaRegistry registry, Exploring exploring) {
        this.registry = registry;
        this.exploring = exploring;
    }

    /**
     * The call that a request was part of.
     *
     * @param rows that shared it
     */
    public record Call(long scoreMicros, Instant scoredAt, int rows) {}

    /** An output of the model; its name and labels as they are written. */
    private static final class Output {
        private final OutputSpec spec;
        private final byte[] name;
        private final byte[][] labels;
        /** All labels, each with room for its score: most outputs have few, and all are wanted. */
        private final byte[] allScores;
        /** Where in it a label's score belongs. */
        private final int[] scorePlaces;

        Output(OutputSpec spec, RecordBuffer out) {
            this.spec = spec;
            name = text(spec.name(), out);
            labels = spec.labels().stream().map(label -> text(label, out)).toArray(byte[][]::new);
            scorePlaces = new int[labels.length];
            out.startPart().writeLong(labels.length);
            for (int label = 0; label < labels.length; label++) {
                scorePlaces[label] = out.writePart(labels[label]).length();
                out.writeFloat(0);
            }
            allScores = out.writeLong(END).toByteArray();
        }

        boolean carriesAll() {
            return spec.highest() >= labels.length;
        }

        private static byte[] text(String text, RecordBuffer out) {
            return out.startPart().writeString(text).toByteArray();
        }
    }

    /** What all predictions of one version in one role have in common. */
    private static final class Role {
        private final byte[] answerer;
        private final byte[] version;

        Role(ModelVersion announced, Variant variant, RecordBuffer out) {
            answerer = PredictionIds.answerer(announced.getModel(), announced.getVersion(), variant);
            version = out.startPart()
                    .writeString(announced.getModel())
                    .writeLong(announced.getVersion())
                    .writeString(announced.getDigest())
                    .writeLong(Variant.getClassSchema().getEnumOrdinal(variant.name()))
                    .toByteArray();
        }
    }

    /** What all predictions of one version have in common. */
    private static final class Served {
        private final ServedModel model;
        private final Map<Variant, Role> roles = new EnumMap<>(Variant.class);
        private final byte[] policy;
        private final Output deciding;
        private final List<Output> further;

        Served(ServedModel model, RecordBuffer out) {
            this.model = model;
            ModelVersion announced = model.version();
            ModelCard card = model.model().card();
            for (Variant variant : Variant.values()) {
                roles.put(variant, new Role(announced, variant, out));
            }
            policy = out.startPart()
                    .writeString(card.calibration().map(Calibration::toString).orElse(NOT_CALIBRATED))
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
     * @param variant role in which the model was asked: answers of a shadow have a topic of their own
     * @param decodeMicros that the request's payload took
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException if the schema is to be registered and the registry
     *     does not answer
     */
    public OutputRecord write(
            Request.Addressed request,
            ServedModel model,
            Variant variant,
            Scores scores,
            long decodeMicros,
            Call call) {
        Served served = served(model);
        Topic topic = variant == Variant.SHADOW ? Topic.SHADOW_PREDICTIONS : Topic.PREDICTIONS;
        byte[] requestId = begin(topic, request, served.roles.get(variant));
        propensity = CERTAIN;
        writeOutcome(
                request.content(),
                variant,
                scores.deciding(),
                served.model.model().card());
        writeScores(scores.deciding(), served.deciding);
        writeFurther(scores.further(), served.further);
        return end(topic, request, requestId, served, decodeMicros, call);
    }

    /**
     * Says that a version on trial failed on a request which another has answered, or answers: an abstention among the
     * answers that nobody acts on.
     *
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException as {@link #write}
     */
    OutputRecord writeFailure(
            Request.Addressed request,
            ServedModel model,
            Variant variant,
            String detail,
            long decodeMicros,
            Call call) {
        Served served = served(model);
        byte[] requestId = begin(Topic.SHADOW_PREDICTIONS, request, served.roles.get(variant));
        propensity = CERTAIN;
        writeAbstention(AbstentionReason.MODEL_FAILED, detail, Optional.empty(), OptionalDouble.empty());
        out.writeLong(END).writeLong(END);
        return end(Topic.SHADOW_PREDICTIONS, request, requestId, served, decodeMicros, call);
    }

    /** Everything before the outcome. */
    private byte[] begin(Topic topic, Request.Addressed request, Role role) {
        InferenceRequest content = request.content();
        byte[] requestId = content.getRequestId().getBytes(UTF_8);
        byte[] pipeline = content.getPipeline().getBytes(UTF_8);
        out.start(schemaId(topic))
                .writeString(ids.of(pipeline, requestId, role.answerer))
                .writeString(requestId)
                .writeString(pipeline)
                .writeString(content.getEntityId())
                .writeLong(content.getEventTime().toEpochMilli());
        writeOrigin(content.getOrigin(), request.record());
        writeMap(content.getAttributes(), out::writeString);
        out.writePart(role.version);
        return requestId;
    }

    /** Everything after the scores. */
    private OutputRecord end(
            Topic topic, Request.Addressed request, byte[] requestId, Served served, long decodeMicros, Call call) {
        out.writePart(served.policy);
        writeTiming(request.content().getReceivedAt(), request.record().timestamp(), decodeMicros, call);
        writeMap(request.addedFeatures(), out::writeDouble);
        out.writeDouble(propensity);
        return new OutputRecord(topic.topicName(), requestId, out.toByteArray(), Map.of());
    }

    private Served served(ServedModel model) {
        Served known = last;
        if (known == null || !known.model.equals(model)) {
            known = new Served(model, out);
            last = known;
        }
        return known;
    }

    private int schemaId(Topic topic) {
        Integer known = schemaIds.get(topic);
        if (known == null) {
            known = registry.register(topic.subject(), Prediction.getClassSchema());
            schemaIds.put(topic, known);
        }
        return known;
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

    private void writeOutcome(InferenceRequest request, Variant variant, LabelledScores scores, ModelCard card) {
        DecisionPolicy policy = card.decision();
        Verdict verdict = Verdict.of(scores, card.task(), policy);
        if (verdict instanceof Verdict.Decided decided) {
            if (variant != Variant.SHADOW && exploring.isLetThrough(request, decided)) {
                propensity = exploring.share();
                writeAbstention(
                        AbstentionReason.EXPLORED,
                        exploring.detail(decided),
                        Optional.of(decided.label()),
                        OptionalDouble.of(decided.confidence()));
            } else {
                writeDecision(decided);
            }
        } else if (verdict instanceof Verdict.Abstained abstained) {
            writeAbstention(
                    AbstentionReason.valueOf(abstained.reason().name()),
                    abstained.detail(),
                    abstained.likeliestLabel(),
                    abstained.confidence());
        } else {
            throw new IllegalStateException("Cannot write down unknown verdict: " + verdict);
        }
    }

    private void writeDecision(Verdict.Decided decided) {
        out.writeLong(DECISION).writeString(decided.label()).writeDouble(decided.confidence());
        if (!decided.labels().isEmpty()) {
            out.writeLong(decided.labels().size());
            decided.labels().forEach(out::writeString);
        }
        out.writeLong(END);
    }

    private void writeAbstention(
            AbstentionReason reason, String detail, Optional<String> likeliestLabel, OptionalDouble confidence) {
        out.writeLong(ABSTENTION)
                .writeLong(AbstentionReason.getClassSchema().getEnumOrdinal(reason.name()))
                .writeString(detail);
        likeliestLabel.ifPresentOrElse(label -> out.writeLong(NOT_NULL).writeString(label), () -> out.writeLong(NULL));
        confidence.ifPresentOrElse(value -> out.writeLong(NOT_NULL).writeDouble(value), () -> out.writeLong(NULL));
    }

    /**
     * The highest of those that are finite; a place among the highest is not given to another for one that is not. A map
     * has no order: where all are wanted they are not sorted.
     */
    private void writeScores(LabelledScores scores, Output output) {
        if (output.carriesAll() && scores.allFinite()) {
            int start = out.length();
            out.writePart(output.allScores);
            for (int label = 0; label < output.scorePlaces.length; label++) {
                out.setFloat(start + output.scorePlaces[label], scores.score(label));
            }
            return;
        }
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
