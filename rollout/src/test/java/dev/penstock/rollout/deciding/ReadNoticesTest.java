package dev.penstock.rollout.deciding;

import static dev.penstock.schemas.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.rollout.records.ReadRecords;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.Set;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadNoticesTest {
    private static final SchemaRegistry REGISTRY = SchemaRegistry.connect("mock://read-notices");
    private static final String TOPIC = Topic.ROLLOUT_COMMANDS.topicName();

    private final ReadNotices<RolloutCommand> reading = new ReadNotices<>(
            RolloutCommand.class,
            () -> REGISTRY,
            Set.of("spam", "fraud"),
            RolloutCommand::getModel,
            command -> command.getAction() != RolloutAction.TRAIN);
    private OneInputStreamOperatorTestHarness<InputRecord, Notice> harness;

    @BeforeEach
    void open() throws Exception {
        harness = ProcessFunctionTestHarnesses.forProcessFunction(reading);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void passesACommandOn() throws Exception {
        command("c".repeat(256));

        assertThat(harness.extractOutputValues()).extracting(Notice::model).containsExactly("spam");
    }

    @Test
    void aCommandWithAnIdThatIsTooLongToKeepIsADeadLetter() throws Exception {
        command("c".repeat(257));

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(harness.getSideOutput(ReadRecords.DEAD_LETTERS))
                .singleElement()
                .extracting(StreamRecord::getValue)
                .extracting(OutputRecord::headers)
                .asString()
                .contains("Cannot obey a command whose id has 257 characters: use 256 or fewer");
    }

    @Test
    void inventedModelsAreCountedTogetherAndWhoCommandsThemIsAnswered() throws Exception {
        for (int invented = 0; invented < 100; invented++) {
            command("c-" + invented, "invented-" + invented, RolloutAction.ROLL_BACK);
        }
        command("for another job", "invented", RolloutAction.TRAIN);

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(reading.unknownModels()).isEqualTo(100);
        AvroDeserializer<RolloutEvent> events = AvroDeserializer.of(REGISTRY, RolloutEvent.class);
        assertThat(harness.getSideOutput(ReadNotices.ANSWERS))
                .hasSize(100)
                .first()
                .extracting(StreamRecord::getValue)
                .satisfies(record -> {
                    assertThat(record.topic()).isEqualTo("rollout-history");
                    RolloutEvent event = events.deserialize(record.topic(), record.value());
                    assertThat(event.getCommandId()).isEqualTo("c-0");
                    assertThat(event.getBecause())
                            .isEqualTo(
                                    "Cannot roll back: no pipeline of this job asks model 'invented-0', but [fraud, spam]; add one to pipelines.yaml");
                });
    }

    private void command(String id) throws Exception {
        command(id, "spam", RolloutAction.PAUSE);
    }

    private void command(String id, String model, RolloutAction action) throws Exception {
        RolloutCommand command = RolloutCommand.newBuilder()
                .setCommandId(id)
                .setModel(model)
                .setAction(action)
                .setActor("eve")
                .setReason("I say so")
                .setGivenAt(NOON)
                .build();
        byte[] value = new AvroSerializer<RolloutCommand>(REGISTRY).serialize(TOPIC, command);
        harness.processElement(new InputRecord(TOPIC, 0, 0, 0, null, value), 0);
    }
}
