package dev.penstock.retrain.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.retrain.MemoryRegistry;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadTrainingNewsTest {
    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>(registry.open());
    private final ReadTrainingNews reading = new ReadTrainingNews(registry, Set.of("spam"));
    private OneInputStreamOperatorTestHarness<InputRecord, TrainingNews> harness;

    @BeforeEach
    void open() throws Exception {
        harness = new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(reading));
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void anExampleIsItsPlaceAndWhoSaidSoWithoutItsPayload() throws Exception {
        read(
                Topic.LABELLED_EXAMPLES,
                LabelledExample.newBuilder()
                        .setRequestId("id-1")
                        .setPipeline("mails")
                        .setModel("spam")
                        .setEntityId("customer-7")
                        .setEventTime(Fixtures.NOON)
                        .setPayload(new TextPayload("win a prize now"))
                        .setLabel("spam")
                        .setSource(FeedbackSource.OUTCOME)
                        .setSaidBy("chargebacks")
                        .setSaidAt(Fixtures.NOON)
                        .setLabelledAt(Fixtures.NOON)
                        .build());

        assertThat(harness.extractOutputValues())
                .containsExactly(new TrainingNews(
                        "spam", Kind.EXAMPLE, 2, 17, "mails\u001fid-1", "OUTCOME\u001fchargebacks", null));
    }

    @Test
    void ofAlertsOnlyDriftAndOfCommandsOnlyTrainingMatters() throws Exception {
        for (AlertCode code : AlertCode.values()) {
            read(
                    Topic.ALERTS,
                    Alert.newBuilder(Fixtures.someAlert("spam")).setCode(code).build());
        }
        for (RolloutAction action : RolloutAction.values()) {
            read(
                    Topic.ROLLOUT_COMMANDS,
                    RolloutCommand.newBuilder()
                            .setCommandId("c-1")
                            .setModel("spam")
                            .setAction(action)
                            .setActor("ada")
                            .setReason("to see it")
                            .setGivenAt(Fixtures.NOON)
                            .build());
        }

        assertThat(harness.extractOutputValues())
                .extracting(TrainingNews::kind)
                .containsExactly(Kind.ALERT, Kind.COMMAND, Kind.COMMAND);
    }

    @Test
    void stepsOverOtherModelsAndWhatCannotBeRead() throws Exception {
        read(Topic.MODEL_VERSIONS, Fixtures.someModelVersion("another", 1));
        harness.processElement(new InputRecord("model-versions", 0, 1, 0, null, new byte[] {9, 9}), 0);
        harness.processElement(new InputRecord("model-versions", 0, 2, 0, null, null), 0);
        read(Topic.MODEL_VERSIONS, Fixtures.someModelVersion("spam", 1));

        assertThat(harness.extractOutputValues()).extracting(TrainingNews::kind).containsExactly(Kind.VERSION);
    }

    @Test
    void inventedModelsAreCountedTogetherAndWhoWantsThemTrainedIsAnswered() throws Exception {
        for (int invented = 0; invented < 50; invented++) {
            read(Topic.MODEL_VERSIONS, Fixtures.someModelVersion("invented-" + invented, 1));
        }
        read(
                Topic.ROLLOUT_COMMANDS,
                RolloutCommand.newBuilder()
                        .setCommandId("c-7")
                        .setModel("invented-7")
                        .setAction(RolloutAction.TRAIN)
                        .setActor("eve")
                        .setReason("to see it")
                        .setGivenAt(Fixtures.NOON)
                        .build());

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(reading.unknownModels()).isEqualTo(51);
        AvroDeserializer<TrainingRun> runs = AvroDeserializer.of(registry.open(), TrainingRun.class);
        assertThat(harness.getSideOutput(ReadTrainingNews.ANSWERS))
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.getValue().topic()).isEqualTo("training-runs");
                    TrainingRun answer = runs.deserialize(
                            record.getValue().topic(), record.getValue().value());
                    assertThat(answer.getCommandIds()).containsExactly("c-7");
                    assertThat(answer.getMessage())
                            .startsWith("Cannot train model 'invented-7': no pipeline of this job asks it");
                });
    }

    private void read(Topic topic, SpecificRecord value) throws Exception {
        harness.processElement(
                new InputRecord(topic.topicName(), 2, 17, 1_000, null, serializer.serialize(topic.topicName(), value)),
                0);
    }
}
