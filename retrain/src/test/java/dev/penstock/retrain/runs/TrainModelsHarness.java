package dev.penstock.retrain.runs;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.retrain.MemoryRegistry;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.awaitility.Awaitility;

/** One task of the operator, whose mailbox runs when the test says so. */
final class TrainModelsHarness extends AbstractStreamOperatorTestHarness<OutputRecord> {
    private static final int STARTS = 3;

    private final MemoryRegistry registry;
    private long checkpoints = 100;

    TrainModelsHarness(Trainer trainer) throws Exception {
        this(trainer, new MemoryRegistry());
    }

    private TrainModelsHarness(Trainer trainer, MemoryRegistry registry) throws Exception {
        super(
                new TrainModelsFactory(new TrainModels.Settings(
                        registry, () -> trainer, STARTS, Clock.fixed(Fixtures.NOON, ZoneOffset.UTC))),
                1,
                1,
                0);
        this.registry = registry;
    }

    void order(TrainingOrder order) throws Exception {
        ((TrainModels) operator).processElement(new StreamRecord<>(order));
    }

    /** Ends the task as a failure would: the harness's own way is to finish first, which waits for what was ordered. */
    @Override
    public void close() throws Exception {
        operator.close();
    }

    void completeCheckpoint() throws Exception {
        checkpoints++;
        snapshot(checkpoints, 0);
        notifyOfCompletedCheckpoint(checkpoints);
    }

    /** Runs what comes into the mailbox, as the task does between two records, with checkpoints in between. */
    void runUntil(Callable<Boolean> reached) throws Exception {
        Awaitility.await().atMost(Duration.ofSeconds(30)).pollInSameThread().until(() -> {
            runWhatIsThere();
            completeCheckpoint();
            return reached.call();
        });
    }

    void runWhatIsThere() throws Exception {
        Optional<Mail> mail = getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
        while (mail.isPresent()) {
            mail.get().run();
            mail = getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
        }
    }

    List<TrainingPhase> phases(String runId) {
        return reports().stream()
                .filter(run -> run.getRunId().equals(runId))
                .map(TrainingRun::getPhase)
                .toList();
    }

    List<TrainingRun> reports() {
        return written(Topic.TRAINING_RUNS, TrainingRun.class);
    }

    List<Alert> alerts() {
        return written(Topic.ALERTS, Alert.class);
    }

    private <T extends SpecificRecord & GenericContainer> List<T> written(Topic topic, Class<T> type) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(registry.open(), type);
        return extractOutputValues().stream()
                .filter(written -> written.topic().equals(topic.topicName()))
                .map(written -> deserializer.deserialize(written.topic(), written.value()))
                .toList();
    }
}
