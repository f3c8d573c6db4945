package dev.penstock.retrain.labels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.retrain.MemoryRegistry;
import dev.penstock.retrain.labels.LabelPart.Kind;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JoinLabelsTest {
    private static final LabelSettings SETTINGS = new LabelSettings(Duration.ofDays(30), Duration.ofMinutes(1), 20);
    private static final LearntPipeline SPAM = new LearntPipeline("spam", "spam-model", false, null);
    private static final LearntPipeline FRAUD =
            new LearntPipeline("fraud", "fraud-model", true, new Silence("legitimate", Duration.ofDays(7), 0.9));
    private static final long SILENT_FROM = Fixtures.someRecordRequest("any")
            .getEventTime()
            .plus(Duration.ofDays(7))
            .toEpochMilli();

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>(registry.open());
    private final AvroDeserializer<LabelledExample> examples =
            AvroDeserializer.of(registry.open(), LabelledExample.class);

    private KeyedOneInputStreamOperatorTestHarness<String, LabelPart, OutputRecord> harness;
    private JoinLabels join;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private KeyedOneInputStreamOperatorTestHarness<String, LabelPart, OutputRecord> harness() throws Exception {
        join = new JoinLabels(registry, List.of(SPAM, FRAUD), SETTINGS);
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(join), LabelPart::key, Types.STRING);
    }

    @Test
    void aLabelledRequestIsAnExampleWithWhatWasDecided() throws Exception {
        asked("id-1");
        decided(decision("id-1").build());
        said("id-1", "ham", FeedbackSource.HUMAN, 5);

        assertThat(written()).singleElement().satisfies(example -> {
            assertThat(example.getRequestId()).isEqualTo("id-1");
            assertThat(example.getPipeline()).isEqualTo("spam");
            assertThat(example.getModel()).isEqualTo("spam-model");
            assertThat(example.getPayload())
                    .isEqualTo(Fixtures.someTextRequest("id-1").getPayload());
            assertThat(example.getAttributes()).containsEntry("country", "FR");
            assertThat(example.getLabel()).isEqualTo("ham");
            assertThat(example.getSource()).isEqualTo(FeedbackSource.HUMAN);
            assertThat(example.getSaidBy()).isEqualTo("ann");
            assertThat(example.getModelVersion()).isEqualTo(3);
            assertThat(example.getDecidedLabel()).isEqualTo("spam");
            assertThat(example.getWeight()).isEqualTo(1);
            assertThat(example.getLabelledAt()).isEqualTo(Instant.ofEpochMilli(3_005));
        });
    }

    @Test
    void theOrderInWhichPartsComeDoesNotMatter() throws Exception {
        said("id-1", "ham", FeedbackSource.HUMAN, 5);
        decided(decision("id-1").build());
        assertThat(written()).isEmpty();

        asked("id-1");
        asked("id-2");
        decided(decision("id-2").build());
        said("id-2", "ham", FeedbackSource.HUMAN, 5);

        List<LabelledExample> both = written();
        assertThat(both).hasSize(2);
        assertThat(both.get(0))
                .isEqualTo(LabelledExample.newBuilder(both.get(1))
                        .setRequestId("id-1")
                        .build());
    }

    @Test
    void whatSystemsSayIsNeverLearnedFrom() throws Exception {
        asked("id-1");
        decided(decision("id-1").build());
        said("id-1", "spam", FeedbackSource.SYSTEM, 5);
        said("id-1", "spam", FeedbackSource.UNKNOWN, 6);

        assertThat(written()).isEmpty();
        assertThat(counted("spam").ofSystems.getCount()).isEqualTo(2);
    }

    @Test
    void aRepeatedLabelMakesNoSecondExample() throws Exception {
        complete("id-1", "ham");
        said("id-1", "ham", FeedbackSource.HUMAN, 5);
        said("id-1", "ham", FeedbackSource.OUTCOME, 6);
        asked("id-1");
        decided(decision("id-1").build());

        assertThat(written()).hasSize(1);
        assertThat(counted("spam").repeated.getCount()).isEqualTo(2);
    }

    @Test
    void aHigherSourceReplacesTheExampleAndALowerOneDoesNot() throws Exception {
        complete("id-1", "ham");
        said("id-1", "spam", FeedbackSource.OUTCOME, 4);
        said("id-1", "ham", FeedbackSource.HUMAN, 9);

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham", "spam");
        assertThat(written()).extracting(LabelledExample::getRequestId).containsOnly("id-1");
        assertThat(counted("spam").contradicting.getCount()).isEqualTo(1);
        assertThat(counted("spam").overruled.getCount()).isEqualTo(1);
    }

    @Test
    void aRepeatFromAHigherSourceMakesALowerOneUnableToContradict() throws Exception {
        complete("id-1", "ham");
        said("id-1", "ham", FeedbackSource.APPEAL, 6);
        said("id-1", "spam", FeedbackSource.OUTCOME, 7);

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham");
    }

    @Test
    void ofOneSourceTheLastWordCounts() throws Exception {
        complete("id-1", "ham");
        said("id-1", "spam", FeedbackSource.HUMAN, 4);
        assertThat(written()).hasSize(1);

        said("id-1", "spam", FeedbackSource.HUMAN, 6);

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham", "spam");
    }

    @Test
    void nobodyReplacesWhatAnotherOfHisKindHasSaid() throws Exception {
        complete("id-1", "ham");
        process("spam", Kind.LABEL, Topic.FEEDBACK, 3_009, saidBy("mallory", "spam", 9));
        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham");
        assertThat(counted("spam").disputed.getCount()).isEqualTo(1);

        said("id-1", "spam", FeedbackSource.HUMAN, 6);

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham", "spam");
        assertThat(written()).extracting(LabelledExample::getSaidBy).containsOnly("ann");
    }

    @Test
    void aClockThatIsAheadKeepsNoCorrectionOut() throws Exception {
        asked("id-1");
        decided(decision("id-1").build());
        long ahead = Instant.parse("2099-01-01T00:00:00Z").toEpochMilli();
        process("spam", Kind.LABEL, Topic.FEEDBACK, 3_005, saidBy("ann", "ham", ahead));

        process("spam", Kind.LABEL, Topic.FEEDBACK, 3_006, saidBy("ann", "spam", 3_006));

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham", "spam");
        assertThat(written())
                .extracting(LabelledExample::getSaidAt)
                .containsExactly(Instant.ofEpochMilli(3_005), Instant.ofEpochMilli(3_006));
    }

    @Test
    void nobodyIsSurerThanSure() throws Exception {
        asked("id-1");
        decided(decision("id-1").build());
        Feedback sure = Feedback.newBuilder(feedback("spam", "id-1", "ham", 5))
                .setCertainty(20)
                .build();
        process("spam", Kind.LABEL, Topic.FEEDBACK, 3_005, sure);
        Feedback confused = Feedback.newBuilder(sure)
                .setCertainty(Double.NaN)
                .setLabel("spam")
                .build();
        process("spam", Kind.LABEL, Topic.FEEDBACK, 3_006, confused);

        assertThat(written()).extracting(LabelledExample::getCertainty).containsExactly(1.0, 0.0);
    }

    @Test
    void aLabelAfterTheRetentionIsLate() throws Exception {
        asked("id-1");
        decided(decision("id-1").build());
        harness.setProcessingTime(Duration.ofDays(30).toMillis());

        said("id-1", "ham", FeedbackSource.OUTCOME, 5);

        assertThat(written()).isEmpty();
        assertThat(counted("spam").late.getCount()).isEqualTo(1);
        assertThat(counted("spam").unknown.getCount()).isZero();
    }

    @Test
    void aLabelOfARequestThatNeverCameIsUnknownOnceItsTimeIsOver() throws Exception {
        said("nobody", "ham", FeedbackSource.HUMAN, 5);
        harness.setProcessingTime(Duration.ofDays(30).toMillis() - 1);
        assertThat(counted("spam").unknown.getCount()).isZero();

        harness.setProcessingTime(Duration.ofDays(30).toMillis());

        assertThat(counted("spam").unknown.getCount()).isEqualTo(1);
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void nothingIsKeptForEver() throws Exception {
        complete("id-1", "ham");
        asked("id-2");
        assertThat(harness.numKeyedStateEntries()).isPositive();

        harness.setProcessingTime(Duration.ofDays(30).toMillis());
        harness.setProcessingTime(Duration.ofDays(60).toMillis());

        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void anOldIdMayBeUsedAnewWhenItsRequestIsForgotten() throws Exception {
        complete("id-1", "ham");
        harness.setProcessingTime(Duration.ofDays(30).toMillis());

        complete("id-1", "spam");

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("ham", "spam");
        assertThat(counted("spam").late.getCount()).isZero();
    }

    @Test
    void aDecisionIsWaitedForAndDoneWithoutAfterThat() throws Exception {
        asked("id-1");
        said("id-1", "ham", FeedbackSource.HUMAN, 5);
        harness.setProcessingTime(Duration.ofMinutes(1).toMillis() - 1);
        assertThat(written()).isEmpty();

        harness.setProcessingTime(Duration.ofMinutes(1).toMillis());

        assertThat(written()).singleElement().satisfies(example -> {
            assertThat(example.getModelVersion()).isNull();
            assertThat(example.getDecidedLabel()).isNull();
        });
    }

    @Test
    void aDecisionThatComesLaterReplacesTheExample() throws Exception {
        asked("id-1");
        said("id-1", "ham", FeedbackSource.HUMAN, 5);
        harness.setProcessingTime(Duration.ofMinutes(1).toMillis());

        decided(decision("id-1").build());

        assertThat(written()).extracting(LabelledExample::getModelVersion).containsExactly(null, 3);
    }

    @Test
    void rollingFeaturesComeFromTheDecisionAndWithoutThemThereIsNoExample() throws Exception {
        InferenceRequest request = Fixtures.someRecordRequest("id-1");
        process("fraud", Kind.REQUEST, Topic.REQUESTS_RECORD, 1_000, request);
        process("fraud", Kind.LABEL, Topic.FEEDBACK, 3_000, feedback("fraud", "id-1", "fraud", 5));
        harness.setProcessingTime(Duration.ofDays(1).toMillis());
        assertThat(written()).isEmpty();

        Prediction prediction = decision("id-1")
                .setPipeline("fraud")
                .setFeatures(Map.of("card-count-7d", 12.0))
                .build();
        process("fraud", Kind.DECISION, Topic.PREDICTIONS, 2_000, prediction);

        assertThat(written()).singleElement().satisfies(example -> {
            assertThat(example.getFeatures()).containsExactly(Map.entry("card-count-7d", 12.0));
            assertThat(example.getPayload()).isEqualTo(request.getPayload());
        });
    }

    @Test
    void aLabelWhoseDecisionNeverCameIsCounted() throws Exception {
        process("fraud", Kind.REQUEST, Topic.REQUESTS_RECORD, 1_000, Fixtures.someRecordRequest("id-1"));
        process("fraud", Kind.LABEL, Topic.FEEDBACK, 3_000, feedback("fraud", "id-1", "fraud", 5));

        harness.setProcessingTime(Duration.ofDays(30).toMillis());

        assertThat(written()).isEmpty();
        assertThat(counted("fraud").undecided.getCount()).isEqualTo(1);
    }

    @Test
    void whatIsSeldomLetThroughCountsForAllThatAreLikeIt() throws Exception {
        asked("id-1");
        decided(abstention("id-1", 0.1));
        said("id-1", "ham", FeedbackSource.HUMAN, 5);
        asked("id-2");
        decided(abstention("id-2", 0.001));
        said("id-2", "ham", FeedbackSource.HUMAN, 5);
        asked("id-3");
        decided(abstention("id-3", Double.NaN));
        said("id-3", "ham", FeedbackSource.HUMAN, 5);

        assertThat(written()).extracting(LabelledExample::getWeight).containsExactly(10.0, 20.0, 1.0);
        assertThat(written()).extracting(LabelledExample::getDecidedLabel).containsOnlyNulls();
    }

    // Silence

    @Test
    void whereSilenceCountsItIsALabelOnceItHasLastedByTheTimeOfTheRequests() throws Exception {
        paid("id-1");
        decidedPayment(payment("id-1", "legitimate").build());
        timeIs(SILENT_FROM - 1);
        assertThat(written()).isEmpty();

        timeIs(SILENT_FROM);

        assertThat(written()).singleElement().satisfies(example -> {
            assertThat(example.getLabel()).isEqualTo("legitimate");
            assertThat(example.getSource()).isEqualTo(FeedbackSource.SILENCE);
            assertThat(example.getSaidBy()).isEqualTo("silence");
            assertThat(example.getSaidAt()).isEqualTo(Instant.ofEpochMilli(SILENT_FROM));
            assertThat(example.getCertainty()).isEqualTo(0.9);
            assertThat(example.getWeight()).isEqualTo(1);
            assertThat(example.getFeatures()).containsEntry("card-count-7d", 12.0);
        });
        assertThat(counted("fraud").silent.getCount()).isEqualTo(1);
        timeIs(Long.MAX_VALUE);
        assertThat(written()).hasSize(1);
    }

    @Test
    void whoHasSpokenIsNotSilentAndWhoSpeaksLateIsBelieved() throws Exception {
        paid("id-1");
        decidedPayment(payment("id-1", "legitimate").build());
        reported("id-1", "fraud", FeedbackSource.OUTCOME);
        paid("id-2");
        decidedPayment(payment("id-2", "legitimate").build());
        timeIs(SILENT_FROM);
        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("fraud", "legitimate");

        reported("id-2", "fraud", FeedbackSource.HUMAN);

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("fraud", "legitimate", "fraud");
        assertThat(written()).extracting(LabelledExample::getRequestId).containsExactly("id-1", "id-2", "id-2");
        assertThat(counted("fraud").silent.getCount()).isEqualTo(1);
        assertThat(counted("fraud").contradicting.getCount()).isEqualTo(1);
    }

    @Test
    void whoConfirmsWhatSilenceSaidIsSurer() throws Exception {
        paid("id-1");
        decidedPayment(payment("id-1", "legitimate").build());
        timeIs(SILENT_FROM);

        reported("id-1", "legitimate", FeedbackSource.OUTCOME);

        assertThat(written()).extracting(LabelledExample::getCertainty).containsExactly(0.9, 1.0);
        assertThat(written()).last().extracting(LabelledExample::getSource).isEqualTo(FeedbackSource.OUTCOME);
    }

    @Test
    void whoWasBlockedOrLeftToOthersIsSilentForOtherReasonsUnlessHeWasLetThroughToLearn() throws Exception {
        paid("blocked");
        decidedPayment(payment("blocked", "fraud").build());
        for (AbstentionReason reason :
                List.of(AbstentionReason.LOW_CONFIDENCE, AbstentionReason.MODEL_FAILED, AbstentionReason.EXPLORED)) {
            paid(reason.name());
            decidedPayment(payment(reason.name(), "fraud")
                    .setOutcome(Abstention.newBuilder()
                            .setReason(reason)
                            .setDetail("")
                            .setLikeliestLabel("fraud")
                            .build())
                    .setPropensity(reason == AbstentionReason.EXPLORED ? 0.1 : 1)
                    .build());
        }

        timeIs(SILENT_FROM);

        assertThat(written()).singleElement().satisfies(example -> {
            assertThat(example.getRequestId()).isEqualTo("EXPLORED");
            assertThat(example.getLabel()).isEqualTo("legitimate");
            assertThat(example.getWeight()).isEqualTo(10);
        });
        assertThat(counted("fraud").censored.getCount()).isEqualTo(3);
    }

    @Test
    void aDecisionThatComesAfterSilenceHasLastedIsWaitedFor() throws Exception {
        paid("id-1");
        timeIs(SILENT_FROM);
        assertThat(written()).isEmpty();

        decidedPayment(payment("id-1", "legitimate").build());

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("legitimate");
    }

    @Test
    void whatSystemsSayBreaksNoSilenceAndNobodyCanSpeakOfIt() throws Exception {
        paid("id-1");
        decidedPayment(payment("id-1", "legitimate").build());
        reported("id-1", "fraud", FeedbackSource.SYSTEM);
        reported("id-1", "fraud", FeedbackSource.SILENCE);

        timeIs(SILENT_FROM);

        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("legitimate");
        assertThat(counted("fraud").ofSystems.getCount()).isEqualTo(2);
    }

    @Test
    void silenceOutlastsARestartAndIsWrittenTheSameByteForByte() throws Exception {
        paid("id-1");
        decidedPayment(payment("id-1", "legitimate").build());
        timeIs(SILENT_FROM - 1);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        timeIs(SILENT_FROM);
        byte[] first = harness.extractOutputValues().get(0).value();
        close();

        harness = harness();
        harness.initializeState(checkpoint);
        harness.open();
        harness.setProcessingTime(77_000);
        assertThat(written()).isEmpty();
        timeIs(SILENT_FROM + 5);

        assertThat(harness.extractOutputValues()).hasSize(1);
        assertThat(harness.extractOutputValues().get(0).value()).isEqualTo(first);
        reported("id-1", "fraud", FeedbackSource.OUTCOME);
        assertThat(written()).extracting(LabelledExample::getLabel).containsExactly("legitimate", "fraud");
    }

    @Test
    void whereNoRuleSaysSoSilenceSaysNothingAndWhatIsForgottenIsNotSilent() throws Exception {
        asked("id-1");
        decided(decision("id-1").build());
        paid("id-2");
        decidedPayment(payment("id-2", "legitimate").build());
        harness.setProcessingTime(Duration.ofDays(30).toMillis());

        timeIs(Long.MAX_VALUE);

        assertThat(written()).isEmpty();
        harness.setProcessingTime(Duration.ofDays(60).toMillis());
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    private void paid(String id) throws Exception {
        process("fraud", Kind.REQUEST, Topic.REQUESTS_RECORD, 1_000, Fixtures.someRecordRequest(id));
    }

    private void decidedPayment(Prediction prediction) throws Exception {
        process("fraud", Kind.DECISION, Topic.PREDICTIONS, 2_000, prediction);
    }

    private void reported(String id, String label, FeedbackSource source) throws Exception {
        Feedback feedback = Feedback.newBuilder(feedback("fraud", id, label, 5))
                .setSource(source)
                .build();
        process("fraud", Kind.LABEL, Topic.FEEDBACK, 3_005, feedback);
    }

    private static Prediction.Builder payment(String id, String label) {
        return decision(id)
                .setPipeline("fraud")
                .setOutcome(new Decision(label, 0.9, List.of(label)))
                .setFeatures(Map.of("card-count-7d", 12.0));
    }

    private void timeIs(long eventTime) throws Exception {
        harness.processWatermark(eventTime);
    }

    private static long eventTime(SpecificRecord value) {
        return value instanceof InferenceRequest request
                ? request.getEventTime().toEpochMilli()
                : value instanceof Prediction prediction
                        ? prediction.getEventTime().toEpochMilli()
                        : ((Feedback) value).getSaidAt().toEpochMilli();
    }

    @Test
    void whatARestartWritesAgainIsTheSameByteForByte() throws Exception {
        asked("id-1");
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        decided(decision("id-1").build());
        said("id-1", "ham", FeedbackSource.HUMAN, 5);
        OutputRecord first = harness.extractOutputValues().get(0);
        close();

        harness = harness();
        harness.initializeState(checkpoint);
        harness.open();
        harness.setProcessingTime(77_000);
        decided(decision("id-1").build());
        said("id-1", "ham", FeedbackSource.HUMAN, 5);

        OutputRecord second = harness.extractOutputValues().get(0);
        assertThat(second.value()).isEqualTo(first.value());
        assertThat(second.key()).isEqualTo(first.key());
    }

    private void complete(String id, String label) throws Exception {
        asked(id);
        decided(decision(id).build());
        said(id, label, FeedbackSource.HUMAN, 5);
    }

    private void asked(String id) throws Exception {
        process("spam", Kind.REQUEST, Topic.REQUESTS_TEXT, 1_000, Fixtures.someTextRequest(id));
    }

    private void decided(Prediction prediction) throws Exception {
        process("spam", Kind.DECISION, Topic.PREDICTIONS, 2_000, prediction);
    }

    private void said(String id, String label, FeedbackSource source, long at) throws Exception {
        Feedback feedback = Feedback.newBuilder(feedback("spam", id, label, at))
                .setSource(source)
                .build();
        process("spam", Kind.LABEL, Topic.FEEDBACK, 3_000 + at, feedback);
    }

    private void process(String pipeline, Kind kind, Topic topic, long timestamp, SpecificRecord value)
            throws Exception {
        Object id = value.get(value.getSchema().getField("requestId").pos());
        harness.processElement(
                new LabelPart(
                        pipeline,
                        id.toString(),
                        kind,
                        timestamp,
                        eventTime(value),
                        serializer.serialize(topic.topicName(), value)),
                0);
    }

    private static Prediction.Builder decision(String id) {
        return Prediction.newBuilder(Fixtures.somePrediction(id));
    }

    private static Prediction abstention(String id, double propensity) {
        return decision(id)
                .setOutcome(Abstention.newBuilder()
                        .setReason(AbstentionReason.EXPLORED)
                        .setDetail("let through to learn")
                        .build())
                .setPropensity(propensity)
                .build();
    }

    private static Feedback saidBy(String name, String label, long at) {
        return Feedback.newBuilder(feedback("spam", "id-1", label, at))
                .setSaidBy(name)
                .build();
    }

    private static Feedback feedback(String pipeline, String id, String label, long at) {
        return Feedback.newBuilder()
                .setRequestId(id)
                .setPipeline(pipeline)
                .setLabel(label)
                .setSource(FeedbackSource.HUMAN)
                .setSaidBy("ann")
                .setSaidAt(Instant.ofEpochMilli(at))
                .build();
    }

    private LabelMetrics counted(String pipeline) {
        return join.counted(pipeline);
    }

    private List<LabelledExample> written() {
        return harness.extractOutputValues().stream()
                .map(written -> examples.deserialize(written.topic(), written.value()))
                .toList();
    }
}
