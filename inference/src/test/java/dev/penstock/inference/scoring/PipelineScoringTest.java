package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.NOON;
import static dev.penstock.schemas.Fixtures.SOME_DIGEST;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static dev.penstock.schemas.Fixtures.someTextRequest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.Exploration;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.Choice;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.LabelledScores;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class PipelineScoringTest {
    private static final Instant ENTERED = NOON.plusMillis(7);
    private static final Instant SCORED = NOON.plusMillis(11);
    private static final byte[] ORIGINAL = "as it came".getBytes(UTF_8);

    private static final PipelineBinding SPAM =
            new PipelineBinding("spam", Modality.TEXT, "spam", BatchLimits.usual(), Delivery.AT_LEAST_ONCE);

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://" + UUID.randomUUID());
    private final List<OutputRecord> outcomes = new ArrayList<>();
    private final PipelineScoring scoring = new PipelineScoring(
            SPAM,
            StubbedScorers.of(
                    registry,
                    Clock.fixed(SCORED, ZoneOffset.UTC),
                    new MicroBatcher.Threads(Runnable::run, Runnable::run),
                    Exploration.none()),
            System::nanoTime,
            new UnregisteredMetricsGroup(),
            outcomes::add);

    @Test
    void aDecisionNamesEverythingItCanBeAnsweredForWith() {
        OutputRecord written = outcome(addressed(someTextRequest("id-1")), served(StubModel.scoring(0.9f)));

        assertThat(written.topic()).isEqualTo("predictions");
        assertThat(written.key()).isEqualTo("id-1".getBytes(UTF_8));
        Prediction prediction = prediction(written);
        assertThat(prediction.getPredictionId()).isEqualTo("aab22540-9bf8-5c41-9db4-dc76e5b5fe06");
        assertThat(prediction.getRequestId()).isEqualTo("id-1");
        assertThat(prediction.getPipeline()).isEqualTo("spam");
        assertThat(prediction.getEntityId()).isEqualTo("customer-7");
        assertThat(prediction.getEventTime()).isEqualTo(NOON);
        assertThat(prediction.getOrigin()).isEqualTo(new Origin("mail.received", 3, 42L));
        assertThat(prediction.getAttributes()).isEqualTo(Map.of("country", "FR"));
        assertThat(prediction.getModel()).isEqualTo("spam");
        assertThat(prediction.getModelVersion()).isEqualTo(3);
        assertThat(prediction.getBundleDigest()).isEqualTo(SOME_DIGEST);
        assertThat(prediction.getVariant()).isEqualTo(Variant.CHAMPION);
        assertThat(prediction.getOutcome()).isEqualTo(new Decision("spam", (double) 0.9f, List.of("spam")));
        assertThat(prediction.getScores()).containsOnlyKeys("ham", "spam").containsEntry("spam", 0.9f);
        assertThat(prediction.getCalibration()).isEqualTo("none");
        assertThat(prediction.getThreshold()).isEqualTo(0.5);
        assertThat(prediction.getAbstainBelow()).isZero();
        assertThat(prediction.getPolicyVersion()).isEqualTo(1);
        assertThat(prediction.getTiming().getReceivedAt()).isEqualTo(NOON.plusMillis(5));
        assertThat(prediction.getTiming().getRequestedAt()).isEqualTo(ENTERED);
        assertThat(prediction.getTiming().getScoredAt()).isEqualTo(SCORED);
        assertThat(prediction.getTiming().getBatchSize()).isEqualTo(1);
    }

    @Test
    void aRequestWithoutASourceIsItsOwnOrigin() {
        InferenceRequest request = InferenceRequest.newBuilder(someTextRequest("id-1"))
                .setOrigin(null)
                .setReceivedAt(null)
                .build();

        Prediction prediction = prediction(outcome(addressed(request), served(StubModel.scoring(0.9f))));

        assertThat(prediction.getOrigin()).isEqualTo(new Origin("requests.text", 1, 17L));
        assertThat(prediction.getTiming().getReceivedAt()).isEqualTo(ENTERED);
    }

    @Test
    void abstainsBelowTheConfidenceThatThePolicyAsksFor() {
        DecisionPolicy careful = new DecisionPolicy(4, 0.5, 0.8);

        Prediction prediction =
                prediction(outcome(addressed(someTextRequest("id-1")), served(StubModel.scoring(0.6f, careful))));

        Abstention abstention = (Abstention) prediction.getOutcome();
        assertThat(abstention.getReason()).isEqualTo(AbstentionReason.LOW_CONFIDENCE);
        assertThat(abstention.getLikeliestLabel()).isEqualTo("spam");
        assertThat(abstention.getConfidence()).isCloseTo(0.6, within(1e-6));
        assertThat(prediction.getAbstainBelow()).isEqualTo(0.8);
        assertThat(prediction.getPolicyVersion()).isEqualTo(4);
    }

    @Test
    void abstainsFromScoresThatAreNotNumbers() {
        Scores scores = new Scores(
                new LabelledScores(StubModel.LABELS, new float[] {0.25f, Float.NaN}),
                Map.of("tone", new LabelledScores(List.of("calm", "loud"), new float[] {Float.POSITIVE_INFINITY, 1})));

        Prediction prediction = prediction(outcome(
                addressed(someTextRequest("id-1")), served(StubModel.answering(scores, DecisionPolicy.usual()))));

        Abstention abstention = (Abstention) prediction.getOutcome();
        assertThat(abstention.getReason()).isEqualTo(AbstentionReason.NON_FINITE_SCORES);
        assertThat(abstention.getConfidence()).isNull();
        assertThat(prediction.getScores()).isEqualTo(Map.of("ham", 0.25f));
        assertThat(prediction.getFurtherOutputs().get("tone").values()).allMatch(Float::isFinite);
    }

    @Test
    void carriesAsManyScoresOfFurtherOutputsAsTheCardSays() {
        Scores scores = new Scores(
                new LabelledScores(StubModel.LABELS, new float[] {0.25f, 0.75f}),
                Map.of("tone", new LabelledScores(List.of("calm", "loud"), new float[] {0.125f, 0.875f})));

        Prediction prediction = prediction(outcome(
                addressed(someTextRequest("id-1")), served(StubModel.answering(scores, DecisionPolicy.usual()))));

        assertThat(prediction.getFurtherOutputs()).isEqualTo(Map.of("tone", Map.of("loud", 0.875f)));
    }

    @Test
    void anEventFromTheEndsOfTimeIsAnswered() {
        for (long millis : List.of(Long.MIN_VALUE, Long.MAX_VALUE)) {
            InferenceRequest request = InferenceRequest.newBuilder(someTextRequest("id-1"))
                    .setEventTime(Instant.ofEpochMilli(millis))
                    .build();

            Prediction prediction = prediction(outcome(addressed(request), served(StubModel.scoring(0.9f))));

            assertThat(prediction.getEventTime()).isEqualTo(Instant.ofEpochMilli(millis));
        }
    }

    @Test
    void aPayloadThatTheModelCannotUseBecomesADeadLetterWithItsOriginalBytes() {
        OutputRecord written = outcome(
                addressed(someTextRequest("id-1")),
                served(StubModel.rejecting(DeadLetterCode.TEXT_TOO_LONG, "Cannot use the text: it is too long")));

        assertThat(written.topic()).isEqualTo("dead-letters");
        assertThat(written.value()).isEqualTo(ORIGINAL);
        DeadLetter letter = letter(written);
        assertThat(letter.code()).isEqualTo(DeadLetterCode.TEXT_TOO_LONG);
        assertThat(letter.reason()).isEqualTo("Cannot use the text: it is too long");
        assertThat(letter.exception()).isEmpty();
        assertThat(letter.from()).isEqualTo(new Origin("requests.text", 1, 17L));
        assertThat(letter.root()).isEqualTo(new Origin("mail.received", 3, 42L));
        assertThat(letter.requestId()).contains("id-1");
    }

    @Test
    void aModelThatFailsOnARecordFailsOnThatRecordAlone() {
        OutputRecord written = outcome(
                addressed(someTextRequest("id-1")),
                served(StubModel.failingToScore(
                        new ModelFailedException("Model 'spam' failed: NaN in Softmax", new IllegalStateException()))));

        assertThat(letter(written).code()).isEqualTo(DeadLetterCode.MODEL_FAILED);
        assertThat(letter(written).reason()).isEqualTo("Model 'spam' failed: NaN in Softmax");
        assertThat(letter(written).exception()).isEqualTo("dev.penstock.models.ModelFailedException");
    }

    /** What should not happen must not stop the job either: it would meet the same record again after each restart. */
    @Test
    void aFaultInAModelIsADeadLetterToo() {
        RuntimeException fault = new ArrayIndexOutOfBoundsException("Index 5 out of bounds for length 5");

        DeadLetter preparing =
                letter(outcome(addressed(someTextRequest("id-1")), served(StubModel.failingToPrepare(fault))));
        DeadLetter scoring =
                letter(outcome(addressed(someTextRequest("id-1")), served(StubModel.failingToScore(fault))));

        assertThat(List.of(preparing, scoring)).allSatisfy(letter -> {
            assertThat(letter.code()).isEqualTo(DeadLetterCode.MODEL_FAILED);
            assertThat(letter.reason())
                    .startsWith("Cannot score with model 'spam'")
                    .contains("Index 5 out of bounds");
            assertThat(letter.exception()).isEqualTo("java.lang.ArrayIndexOutOfBoundsException");
        });
    }

    private OutputRecord outcome(Request.Addressed request, ServedModel served) {
        outcomes.clear();
        scoring.score(request, new Choice(Answerer.alone(served), Variant.CHAMPION, Optional.empty(), 1), false);
        scoring.flush();
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    private Prediction prediction(OutputRecord written) {
        assertThat(written.topic()).isEqualTo("predictions");
        return AvroDeserializer.of(registry, Prediction.class).deserialize("predictions", written.value());
    }

    private static DeadLetter letter(OutputRecord written) {
        RecordHeaders headers = new RecordHeaders();
        written.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
        return DeadLetter.read(headers);
    }

    private static ServedModel served(StubModel model) {
        return new ServedModel(someModelVersion("spam", 3), model);
    }

    private static Request.Addressed addressed(InferenceRequest request) {
        return new Request.Addressed(
                request, SPAM, new InputRecord("requests.text", 1, 17, ENTERED.toEpochMilli(), null, ORIGINAL));
    }
}
