package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
import dev.penstock.models.card.Calibration;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RandomValues;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** Byte for byte what Avro writes of the same prediction. */
class PredictionWriterTest {
    private static final int PREDICTIONS = 3_000;
    private static final List<Variant> VARIANTS =
            List.of(Variant.CHAMPION, Variant.CANARY, Variant.CONTROL, Variant.SHADOW);
    private static final Instant SCORED = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final PredictionWriter.Call CALL = new PredictionWriter.Call(900, SCORED, 77);

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://" + UUID.randomUUID());
    private final PredictionWriter writer = new PredictionWriter(registry, Exploring.never());
    private final AvroSerializer<Prediction> avro = new AvroSerializer<>(registry);
    private final RandomValues values = new RandomValues(17);
    private final Random random = new Random(18);

    @Test
    void writesWhatAvroWrites() {
        List<ServedModel> models =
                IntStream.range(0, 12).mapToObj(number -> served()).toList();

        for (int prediction = 0; prediction < PREDICTIONS; prediction++) {
            ServedModel served = models.get(random.nextInt(models.size()));
            Scores scores = scores(served.model().card());
            Request.Addressed request = request();

            Variant variant = VARIANTS.get(random.nextInt(VARIANTS.size()));

            OutputRecord written = writer.write(request, served, variant, scores, prediction, CALL);

            Prediction expected = expected(request, served, variant, scores, prediction);
            String topic = variant == Variant.SHADOW ? "shadow-predictions" : "predictions";
            assertThat(written.value()).as("prediction %d", prediction).isEqualTo(avro.serialize(topic, expected));
            assertThat(written.key()).isEqualTo(expected.getRequestId().getBytes(UTF_8));
            assertThat(written.topic()).isEqualTo(topic);
            assertThat(written.headers()).isEmpty();
        }
    }

    @Test
    void writesAFailureAsAnAbstentionWithoutScores() {
        for (int prediction = 0; prediction < 100; prediction++) {
            ServedModel served = served();
            Scores scores = scores(served.model().card());
            Request.Addressed request = request();

            OutputRecord written = writer.writeFailure(request, served, Variant.CANARY, "it faïled", prediction, CALL);

            Prediction expected = Prediction.newBuilder(expected(request, served, Variant.CANARY, scores, prediction))
                    .setOutcome(new Abstention(AbstentionReason.MODEL_FAILED, "it faïled", null, null))
                    .setScores(Map.of())
                    .setFurtherOutputs(Map.of())
                    .build();
            assertThat(AvroDeserializer.of(registry, Prediction.class)
                            .deserialize("shadow-predictions", written.value()))
                    .isEqualTo(expected);
            assertThat(written.topic()).isEqualTo("shadow-predictions");
        }
    }

    /** A field that the schema gains and nobody writes would make every prediction unreadable. */
    @Test
    void writesEveryFieldOfTheSchema() {
        ServedModel served = served();
        byte[] written = writer.write(
                        request(),
                        served,
                        Variant.CHAMPION,
                        scores(served.model().card()),
                        7,
                        CALL)
                .value();

        Prediction read = AvroDeserializer.of(registry, Prediction.class).deserialize("predictions", written);

        assertThat(avro.serialize("predictions", read)).hasSameSizeAs(written);
        assertThat(Prediction.getClassSchema().getFields())
                .extracting(Schema.Field::name)
                .hasSize(21);
    }

    private Request.Addressed request() {
        InferenceRequest content = values.of(InferenceRequest.class);
        return new Request.Addressed(
                content,
                new PipelineBinding(
                        content.getPipeline(), Modality.TEXT, "spam", BatchLimits.usual(), Delivery.AT_LEAST_ONCE),
                new InputRecord("requests.text", random.nextInt(9), random.nextInt(), random.nextInt(), null, null),
                random.nextBoolean() ? Map.of() : Map.of("card-count-1d", random.nextDouble(), "größe", -1.5));
    }

    private ServedModel served() {
        DecisionPolicy policy = new DecisionPolicy(1 + random.nextInt(300), random.nextDouble(), random.nextDouble());
        Task task = List.of(Task.values()).get(random.nextInt(Task.values().length));
        int labels = task == Task.BINARY ? 2 : 1 + random.nextInt(12);
        List<OutputSpec> outputs = new ArrayList<>();
        for (int output = 0; output <= random.nextInt(3); output++) {
            outputs.add(new OutputSpec(
                    "output-ü" + output,
                    OutputSpec.Kind.PROBABILITIES,
                    IntStream.range(0, output == 0 ? labels : 3)
                            .mapToObj(label -> "label-é-" + label)
                            .toList(),
                    output == 0,
                    1 + random.nextInt(8)));
        }
        ModelCard usual = StubModel.scoring(0.5f).card();
        ModelCard card = new ModelCard(
                "spam",
                1,
                "",
                task,
                Modality.TEXT,
                outputs.get(0).labels(),
                usual.signature(),
                usual.tags(),
                usual.fixedBatch(),
                usual.inputs(),
                outputs,
                policy,
                usual.limits(),
                Map.of(),
                Map.of());
        Optional<Calibration> calibration = random.nextBoolean()
                ? Optional.of(new Calibration(Calibration.Method.TEMPERATURE, 1.31, 812))
                : Optional.empty();
        return new ServedModel(
                values.of(ModelVersion.class), StubModel.of(card.trainedAnew(1, calibration, Map.of(), Map.of())));
    }

    private Scores scores(ModelCard card) {
        Map<String, LabelledScores> further = new LinkedHashMap<>();
        for (OutputSpec output : card.outputs()) {
            if (!output.deciding() && random.nextInt(4) > 0) {
                further.put(output.name(), scores(output.labels()));
            }
        }
        return new Scores(scores(card.outputs().get(0).labels()), further);
    }

    private LabelledScores scores(List<String> labels) {
        float[] scores = new float[labels.size()];
        boolean isStrange = random.nextInt(8) == 0;
        for (int label = 0; label < scores.length; label++) {
            scores[label] = isStrange && random.nextBoolean()
                    ? random.nextBoolean() ? Float.NaN : Float.NEGATIVE_INFINITY
                    : random.nextInt(11) / 10f;
        }
        return new LabelledScores(labels, scores);
    }

    private static Prediction expected(
            Request.Addressed request, ServedModel served, Variant variant, Scores scores, long decodeMicros) {
        InferenceRequest content = request.content();
        ModelVersion version = served.version();
        ModelCard card = served.model().card();
        Instant requestedAt = Instant.ofEpochMilli(request.record().timestamp());
        byte[] id = new PredictionIds()
                .of(
                        content.getPipeline().getBytes(UTF_8),
                        content.getRequestId().getBytes(UTF_8),
                        PredictionIds.answerer(version.getModel(), version.getVersion(), variant));
        return new Prediction(
                new String(id, UTF_8),
                content.getRequestId(),
                content.getPipeline(),
                content.getEntityId(),
                content.getEventTime(),
                content.getOrigin() != null
                        ? content.getOrigin()
                        : new Origin(
                                request.record().topic(),
                                request.record().partition(),
                                request.record().offset()),
                content.getAttributes(),
                version.getModel(),
                version.getVersion(),
                version.getDigest(),
                variant,
                outcome(Verdict.of(scores.deciding(), card.task(), card.decision())),
                finite(scores.deciding(), card.outputs().get(0)),
                further(scores, card),
                card.calibration().isPresent() ? "temperature 1.31" : "none",
                card.decision().threshold(),
                card.decision().abstainBelow(),
                card.decision().version(),
                new Timing(
                        content.getReceivedAt() == null ? requestedAt : content.getReceivedAt(),
                        requestedAt,
                        SCORED,
                        decodeMicros,
                        900L,
                        77),
                request.addedFeatures(),
                1d);
    }

    private static SpecificRecord outcome(Verdict verdict) {
        if (verdict instanceof Verdict.Decided decided) {
            return new Decision(decided.label(), decided.confidence(), decided.labels());
        } else if (verdict instanceof Verdict.Abstained abstained) {
            return new Abstention(
                    AbstentionReason.valueOf(abstained.reason().name()),
                    abstained.detail(),
                    abstained.likeliestLabel().orElse(null),
                    abstained.confidence().isPresent() ? abstained.confidence().getAsDouble() : null);
        }
        throw new AssertionError(verdict);
    }

    private static Map<String, Map<String, Float>> further(Scores scores, ModelCard card) {
        Map<String, Map<String, Float>> further = new LinkedHashMap<>();
        for (OutputSpec output : card.outputs()) {
            if (scores.further().containsKey(output.name())) {
                further.put(output.name(), finite(scores.further().get(output.name()), output));
            }
        }
        return further;
    }

    private static Map<String, Float> finite(LabelledScores scores, OutputSpec output) {
        if (scores.allFinite() && output.highest() >= scores.labels().size()) {
            Map<String, Float> all = new LinkedHashMap<>();
            for (int label = 0; label < scores.labels().size(); label++) {
                all.put(scores.labels().get(label), scores.score(label));
            }
            return all;
        }
        Map<String, Float> highest = scores.highest(output.highest());
        highest.values().removeIf(score -> !Float.isFinite(score));
        return highest;
    }
}
