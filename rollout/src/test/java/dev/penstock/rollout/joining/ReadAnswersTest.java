package dev.penstock.rollout.joining;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.Set;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

class ReadAnswersTest {
    private static final SchemaRegistry REGISTRY = SchemaRegistry.connect("mock://read-answers");
    private static final String TOPIC = Topic.PREDICTIONS.topicName();

    @Test
    void nothingIsKeptOfModelsAndPipelinesThatThereAreNot() throws Exception {
        Prediction known = Fixtures.somePrediction("one");
        ReadAnswers reading = new ReadAnswers(Set.of(known.getPipeline()), Set.of(known.getModel()), () -> REGISTRY);
        try (OneInputStreamOperatorTestHarness<InputRecord, GivenAnswer> harness =
                ProcessFunctionTestHarnesses.forProcessFunction(reading)) {
            read(harness, known);
            for (int invented = 0; invented < 50; invented++) {
                read(
                        harness,
                        Prediction.newBuilder(known)
                                .setModel("invented-" + invented)
                                .build());
                read(
                        harness,
                        Prediction.newBuilder(known)
                                .setPipeline("invented-" + invented)
                                .build());
            }

            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(harness.getSideOutput(ReadAnswers.WATCHED)).hasSize(1);
            assertThat(reading.unknownModels()).isEqualTo(100);
        }
    }

    private static void read(OneInputStreamOperatorTestHarness<InputRecord, GivenAnswer> harness, Prediction prediction)
            throws Exception {
        byte[] value = new AvroSerializer<Prediction>(REGISTRY).serialize(TOPIC, prediction);
        harness.processElement(new InputRecord(TOPIC, 0, 0, 0, null, value), 0);
    }
}
