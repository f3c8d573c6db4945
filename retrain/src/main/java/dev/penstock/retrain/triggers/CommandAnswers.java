package dev.penstock.retrain.triggers;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.List;

/** Makes the reports that answer commands of which no training comes. */
final class CommandAnswers {
    private final AvroSerializer<TrainingRun> serializer;

    CommandAnswers(SchemaRegistry registry) {
        serializer = new AvroSerializer<>(registry);
    }

    /** @param message in a sentence; one that begins with "Cannot" declines */
    OutputRecord nothing(String model, TrainingPhase phase, String message, List<String> commandIds, Instant at) {
        TrainingRun answer = TrainingRun.newBuilder()
                .setRunId(model + "/none")
                .setModel(model)
                .setPhase(phase)
                .setCause(TrainingCause.COMMAND)
                .setMessage(message)
                .setCommandIds(commandIds)
                .setReportedAt(at)
                .build();
        String topic = Topic.TRAINING_RUNS.topicName();
        return OutputRecord.of(topic, model, serializer.serialize(topic, answer));
    }
}
