package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.NOON;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static dev.penstock.schemas.Fixtures.someTextRequest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchScorerTest {
    private static final int ROWS = 64;
    private static final PipelineBinding SPAM =
            new PipelineBinding("spam", Modality.TEXT, "spam", BatchLimits.usual(), Delivery.AT_LEAST_ONCE);

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://" + UUID.randomUUID());
    private final Clock clock = Clock.fixed(NOON, ZoneOffset.UTC);
    private final PredictionWriter writer = new PredictionWriter(registry, Exploring.never());
    private final List<OutputRecord> beside = new ArrayList<>();
    private final BatchScorer scorer =
            new BatchScorer(writer, new UnwatchedLane(), clock, new Failures(writer, clock, beside::add));
    private final List<List<Float>> calls = new ArrayList<>();

    @Test
    void aGoodBatchIsOneCall() {
        List<OutputRecord> outcomes = scorer.score(failingOn(Set.of()), rows());

        assertThat(calls).hasSize(1);
        assertThat(outcomes).hasSize(ROWS).allMatch(outcome -> outcome.topic().equals("predictions"));
        assertThat(prediction(outcomes.get(0)).getTiming().getBatchSize()).isEqualTo(ROWS);
    }

    @Test
    void oneBadRowIsFoundByHalvingAndCostsItselfAlone() {
        List<OutputRecord> outcomes = scorer.score(failingOn(Set.of(41)), rows());

        assertThat(outcomes.get(41).topic()).isEqualTo("dead-letters");
        assertThat(answered(outcomes)).hasSize(ROWS - 1).doesNotContain("id-41");
        // The whole, and two halves at each of six levels: not every row by itself.
        assertThat(calls).hasSize(1 + 2 * 6);
    }

    @Test
    void severalBadRowsLeaveTheOthersInTheirOrder() {
        List<OutputRecord> outcomes = scorer.score(failingOn(Set.of(0, 7, 8, 63)), rows());

        List<String> good = IntStream.range(0, ROWS)
                .filter(row -> !Set.of(0, 7, 8, 63).contains(row))
                .mapToObj(row -> "id-" + row)
                .toList();
        assertThat(answered(outcomes)).isEqualTo(good);
        assertThat(outcomes).hasSize(ROWS);
    }

    @Test
    void theChampionAnswersWhereACanaryFailsAndTheFailureIsToldBeside() {
        Answerer canary = new Answerer(
                failingOn(Set.of(41)).served(),
                Optional.of(new ServedModel(someModelVersion("spam", 7), StubModel.scoring(0.9f))));

        List<OutputRecord> outcomes = scorer.score(canary, rows(Variant.CANARY));

        assertThat(answered(outcomes)).hasSize(ROWS);
        assertThat(prediction(outcomes.get(41))).satisfies(answer -> {
            assertThat(answer.getModelVersion()).isEqualTo(7);
            assertThat(answer.getVariant()).isEqualTo(Variant.CHAMPION);
        });
        assertThat(prediction(outcomes.get(40)).getVariant()).isEqualTo(Variant.CANARY);
        assertThat(beside).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("shadow-predictions");
            Prediction failure = prediction(record);
            assertThat(failure.getRequestId()).isEqualTo("id-41");
            assertThat(failure.getModelVersion()).isEqualTo(1);
            assertThat(failure.getVariant()).isEqualTo(Variant.CANARY);
            assertThat(failure.getOutcome()).isInstanceOfSatisfying(Abstention.class, abstention -> {
                assertThat(abstention.getReason()).isEqualTo(AbstentionReason.MODEL_FAILED);
                assertThat(abstention.getDetail()).isEqualTo("Cannot score: a row is bad");
            });
        });
    }

    @Test
    void whereTheChampionFailsTooTheRecordIsADeadLetterAndNobodysFailure() {
        Answerer canary = new Answerer(
                failingOn(Set.of(41)).served(),
                Optional.of(new ServedModel(
                        someModelVersion("spam", 7), StubModel.failingToScore(new IllegalStateException("both")))));

        List<OutputRecord> outcomes = scorer.score(canary, rows(Variant.CANARY));

        assertThat(outcomes.get(41).topic()).isEqualTo("dead-letters");
        assertThat(answered(outcomes)).hasSize(ROWS - 1);
        assertThat(beside).isEmpty();
    }

    private Answerer failingOn(Set<Integer> bad) {
        Set<Float> numbers = bad.stream().map(Integer::floatValue).collect(Collectors.toSet());
        StubModel model = StubModel.reading(payload -> 0f, batch -> {
            calls.add(batch);
            if (batch.stream().anyMatch(numbers::contains)) {
                throw new ModelFailedException("Cannot score: a row is bad", new IllegalStateException());
            }
        });
        return Answerer.alone(new ServedModel(someModelVersion("spam", 1), model));
    }

    private List<String> answered(List<OutputRecord> outcomes) {
        return outcomes.stream()
                .filter(outcome -> outcome.topic().equals("predictions"))
                .map(outcome -> prediction(outcome).getRequestId())
                .toList();
    }

    private Prediction prediction(OutputRecord outcome) {
        return AvroDeserializer.of(registry, Prediction.class).deserialize("predictions", outcome.value());
    }

    private static List<Row> rows() {
        return rows(Variant.CHAMPION);
    }

    private static List<Row> rows(Variant variant) {
        return IntStream.range(0, ROWS)
                .mapToObj(row -> new Row(
                        new Request.Addressed(
                                someTextRequest("id-" + row),
                                SPAM,
                                new InputRecord("requests.text", 0, row, 0, null, new byte[] {1})),
                        variant,
                        new Example(List.of(new Example.Value.Floats(new float[] {row}))),
                        0,
                        false))
                .toList();
    }
}
