package dev.penstock.retrain.labels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.retrain.MemoryRegistry;
import dev.penstock.retrain.labels.LabelPart.Kind;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadLabelPartsTest {
    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>(registry.open());
    private OneInputStreamOperatorTestHarness<InputRecord, LabelPart> harness;

    @BeforeEach
    void open() throws Exception {
        harness = new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(
                new ReadLabelParts(registry, List.of(new LearntPipeline("spam", "spam-model", false, null)))));
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void tellsWhatEachRecordIsAbout() throws Exception {
        read(Topic.REQUESTS_TEXT, Fixtures.someTextRequest("id-1"));
        read(Topic.PREDICTIONS, Fixtures.somePrediction("id-1"));
        read(Topic.FEEDBACK, feedback("spam", "id-1", "ham"));

        assertThat(harness.extractOutputValues()).extracting(LabelPart::kind).containsExactly(Kind.values());
        assertThat(harness.extractOutputValues()).extracting(LabelPart::key).containsOnly("spam\u001fid-1");
    }

    @Test
    void whatOnlyShadowsHasDecidedNothing() throws Exception {
        read(
                Topic.PREDICTIONS,
                Prediction.newBuilder(Fixtures.somePrediction("id-1"))
                        .setVariant(Variant.SHADOW)
                        .build());

        assertThat(harness.extractOutputValues()).isEmpty();
    }

    @Test
    void leavesPipelinesAloneThatAreNotOurs() throws Exception {
        read(Topic.FEEDBACK, feedback("somebody-elses", "id-1", "ham"));

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(harness.getSideOutput(ReadLabelParts.DEAD_LETTERS)).isNullOrEmpty();
    }

    @Test
    void badFeedbackBetweenGoodIsADeadLetterWithItsBytes() throws Exception {
        byte[] noRecord = "no record".getBytes(UTF_8);
        read(Topic.FEEDBACK, feedback("spam", "id-1", "ham"));
        readBytes(Topic.FEEDBACK, noRecord);
        readBytes(Topic.FEEDBACK, null);
        read(Topic.FEEDBACK, feedback("spam", "id-2", ""));
        read(Topic.FEEDBACK, feedback("spam", "id-3", "ham"));

        assertThat(harness.extractOutputValues())
                .extracting(LabelPart::requestId)
                .containsExactly("id-1", "id-3");
        assertThat(harness.getSideOutput(ReadLabelParts.DEAD_LETTERS))
                .extracting(letter -> letter.getValue().headers().get(DeadLetter.CODE))
                .containsExactly("MALFORMED_RECORD", "MALFORMED_RECORD", "INVALID_ID");
        OutputRecord first =
                harness.getSideOutput(ReadLabelParts.DEAD_LETTERS).element().getValue();
        assertThat(first.topic()).isEqualTo("dead-letters");
        assertThat(first.value()).isEqualTo(noRecord);
        assertThat(first.headers()).containsEntry(DeadLetter.COMPONENT, "retrain");
    }

    @Test
    void badRequestsAndPredictionsAreLeftToThoseWhoServe() throws Exception {
        readBytes(Topic.REQUESTS_TEXT, new byte[] {1, 2, 3});
        readBytes(Topic.PREDICTIONS, null);
        read(Topic.REQUESTS_TEXT, Fixtures.someTextRequest("id-1"));

        assertThat(harness.extractOutputValues()).hasSize(1);
        assertThat(harness.getSideOutput(ReadLabelParts.DEAD_LETTERS)).isNullOrEmpty();
    }

    private void read(Topic topic, SpecificRecord value) throws Exception {
        readBytes(topic, serializer.serialize(topic.topicName(), value));
    }

    private void readBytes(Topic topic, byte[] value) throws Exception {
        harness.processElement(new InputRecord(topic.topicName(), 2, 17, 1_000, null, value), 0);
    }

    private static Feedback feedback(String pipeline, String id, String label) {
        return Feedback.newBuilder()
                .setRequestId(id)
                .setPipeline(pipeline)
                .setLabel(label)
                .setSource(FeedbackSource.HUMAN)
                .setSaidAt(Fixtures.NOON)
                .build();
    }
}
