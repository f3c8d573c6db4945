package dev.penstock.rollout.drift;

import static dev.penstock.schemas.Fixtures.NOON;
import static dev.penstock.schemas.Fixtures.somePrediction;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchDriftTest {
    private static final String REGISTRY = "mock://watch-drift";
    private static final int WINDOW = 1_000;

    private final Random random = new Random(20_260_301);
    private KeyedTwoInputStreamOperatorTestHarness<String, Sketched, Sketched, DriftReport> harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void saysWhenADriftBeginsAndWhenItIsOver() throws Exception {
        harness.processElement2(new StreamRecord<>(sketched(1_000, 0)));
        see(WINDOW, 0);
        see(WINDOW, 1);
        see(WINDOW, 1);
        see(WINDOW, 0);

        List<DriftReport> reports = harness.extractOutputValues();
        assertThat(reports).extracting(DriftReport::drifting).containsExactly(false, true, true, false);
        assertThat(reports).extracting(DriftReport::began).containsExactly(false, true, false, false);
        assertThat(reports).extracting(DriftReport::ended).containsExactly(false, false, false, true);
        List<Alert> alerts = written(Topic.ALERTS, Alert.class);
        assertThat(alerts).hasSize(1);
        assertThat(alerts.get(0).getCode()).isEqualTo(AlertCode.DRIFT);
        assertThat(alerts.get(0).getModelVersion()).isEqualTo(3);
        assertThat(alerts.get(0).getMessage())
                .contains("'rolling.amount' changed most")
                .contains("stability index")
                .contains("reference of 1,000");
        assertThat(written(Topic.EVALUATIONS, Evaluation.class))
                .extracting(Evaluation::getVerdict)
                .containsExactly(
                        EvidenceVerdict.PASS, EvidenceVerdict.FAIL, EvidenceVerdict.FAIL, EvidenceVerdict.PASS);
    }

    @Test
    void waitsUntilAWindowIsFull() throws Exception {
        harness.processElement2(new StreamRecord<>(sketched(1_000, 0)));
        see(WINDOW - 100, 1);
        assertThat(harness.extractOutputValues()).isEmpty();

        see(100, 1);

        assertThat(harness.extractOutputValues()).hasSize(1);
    }

    @Test
    void takesTheFirstWindowForAReferenceWhereThereIsNoneAndSaysSo() throws Exception {
        see(WINDOW, 0);
        assertThat(harness.extractOutputValues()).isEmpty();

        see(WINDOW, 0);
        see(WINDOW, 1);

        List<DriftReport> reports = harness.extractOutputValues();
        assertThat(reports).extracting(DriftReport::drifting).containsExactly(false, true);
        assertThat(reports.get(1).sentence()).contains("the first requests that it served");
    }

    @Test
    void aRestartForgetsNothing() throws Exception {
        harness.processElement2(new StreamRecord<>(sketched(1_000, 0)));
        see(WINDOW, 1);
        see(WINDOW / 2, 0);
        var snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(snapshot);
        harness.open();

        see(WINDOW / 2, 0);

        assertThat(harness.extractOutputValues()).hasSize(1).allMatch(DriftReport::ended);
    }

    @Test
    void versionsAreWatchedApart() throws Exception {
        harness.processElement2(new StreamRecord<>(sketched(1_000, 0)));
        see(WINDOW / 2, 0);

        harness.processElement1(new StreamRecord<>(gathered(WINDOW / 2, 0).sketched("spam", 4)));

        assertThat(harness.extractOutputValues()).isEmpty();
    }

    @Test
    void watchesWhatAPredictionShows() {
        Prediction prediction = Prediction.newBuilder(somePrediction("one"))
                .setFeatures(Map.of("amount", 12.5, "broken", Double.NaN))
                .build();
        Prediction unsure = Prediction.newBuilder(prediction)
                .setOutcome(Abstention.newBuilder()
                        .setReason(AbstentionReason.LOW_CONFIDENCE)
                        .setDetail("unsure")
                        .build())
                .build();

        WatchedValues values = WatchedValues.of(prediction);

        assertThat(values.numbers())
                .containsOnlyKeys("rolling.amount", "score.ham", "score.spam", "confidence")
                .containsEntry("rolling.amount", 12.5);
        assertThat(values.words()).isEqualTo(Map.of("decision", "spam"));
        assertThat(WatchedValues.of(unsure).words()).isEqualTo(Map.of("decision", WatchedValues.ABSTAINED));
    }

    @Test
    void nothingIsLeftInATaskWhenACheckpointPasses() throws Exception {
        try (var task = new OneInputStreamOperatorTestHarness<>(new SketchValues(WINDOW))) {
            task.open();
            for (int row = 0; row < 250; row++) {
                task.processElement(new StreamRecord<>(values(0)));
            }
            assertThat(task.extractOutputValues()).extracting(Sketched::rows).containsExactly(100L, 100L);

            task.prepareSnapshotPreBarrier(1);

            assertThat(task.extractOutputValues()).extracting(Sketched::rows).containsExactly(100L, 100L, 50L);
        }
    }

    @Test
    void aPartIsPassedOnWhenItIsASecondOld() throws Exception {
        try (var task = new OneInputStreamOperatorTestHarness<>(new SketchValues(WINDOW))) {
            task.open();
            task.processElement(new StreamRecord<>(values(0)));
            assertThat(task.extractOutputValues()).isEmpty();

            task.setProcessingTime(1_000);

            assertThat(task.extractOutputValues()).extracting(Sketched::rows).containsExactly(1L);
        }
    }

    private KeyedTwoInputStreamOperatorTestHarness<String, Sketched, Sketched, DriftReport> harness() throws Exception {
        return new KeyedTwoInputStreamOperatorTestHarness<>(
                new KeyedCoProcessOperator<>(new WatchDrift(
                        WINDOW, () -> SchemaRegistry.connect(REGISTRY), Clock.fixed(NOON, ZoneOffset.UTC))),
                WatchDrift::key,
                WatchDrift::key,
                Types.STRING);
    }

    private void see(int rows, double mean) throws Exception {
        for (int part = 0; part < 10; part++) {
            harness.processElement1(new StreamRecord<>(sketched(rows / 10, mean)));
        }
    }

    private Sketched sketched(int rows, double mean) {
        return gathered(rows, mean).sketched("spam", 3);
    }

    private Distributions gathered(int rows, double mean) {
        Distributions distributions = new Distributions();
        for (int row = 0; row < rows; row++) {
            distributions.add(values(mean));
        }
        return distributions;
    }

    private WatchedValues values(double mean) {
        return new WatchedValues(
                "spam",
                3,
                NOON.toEpochMilli(),
                Map.of("rolling.amount", mean + random.nextGaussian(), "score.spam", random.nextDouble()),
                Map.of("decision", random.nextInt(3) == 0 ? "spam" : "ham"));
    }

    private <T extends SpecificRecord & GenericContainer> List<T> written(Topic topic, Class<T> type) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(SchemaRegistry.connect(REGISTRY), type);
        return harness.getSideOutput(WatchDrift.WRITTEN).stream()
                .map(StreamRecord::getValue)
                .filter(record -> record.topic().equals(topic.topicName()))
                .map(OutputRecord::value)
                .map(value -> deserializer.deserialize(topic.topicName(), value))
                .toList();
    }
}
