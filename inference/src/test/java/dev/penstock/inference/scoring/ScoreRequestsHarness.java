package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** One task of the operator, whose mailbox runs when the test says so. */
final class ScoreRequestsHarness extends AbstractStreamOperatorTestHarness<OutputRecord> {
    private final SchemaRegistry registry;
    private final AvroSerializer<SpecificRecord> serializer;
    private final FollowedByTest<ModelVersion> announcements;
    private final FollowedByTest<RolloutState> rollouts;
    private long offset;

    ScoreRequestsHarness(
            ScoreRequests.Settings settings,
            FollowedByTest<ModelVersion> announcements,
            FollowedByTest<RolloutState> rollouts)
            throws Exception {
        super(new ScoreRequestsFactory(settings), 1, 1, 0);
        this.announcements = announcements;
        this.rollouts = rollouts;
        this.registry = settings.registry().open();
        this.serializer = new AvroSerializer<>(registry);
    }

    void request(InferenceRequest request) throws Exception {
        requestBytes(serializer.serialize("requests.text", request));
    }

    /** @param requestedAt timestamp of its record */
    void request(InferenceRequest request, long requestedAt) throws Exception {
        requestBytes(serializer.serialize("requests.text", request), requestedAt);
    }

    void requestBytes(byte[] value) throws Exception {
        requestBytes(value, 1_000);
    }

    private void requestBytes(byte[] value, long requestedAt) throws Exception {
        scoreRequests()
                .processElement(
                        new StreamRecord<>(new InputRecord("requests.text", 0, offset++, requestedAt, null, value)));
    }

    /** Answers what is under way, as before a checkpoint. */
    void flush() throws Exception {
        scoreRequests().prepareSnapshotPreBarrier(0);
    }

    void announce(ModelVersion version) {
        announcements.tell(version);
    }

    void roll(RolloutState state) {
        rollouts.tell(state);
    }

    /** Runs what comes into the mailbox, as the task does between two records. */
    void runUntil(Callable<Boolean> reached) throws Exception {
        while (!reached.call()) {
            getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();
        }
    }

    void runWhatIsThere() throws Exception {
        Optional<Mail> mail = getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
        while (mail.isPresent()) {
            mail.get().run();
            mail = getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
        }
    }

    int residentVersions() {
        return scoreRequests().residentVersions();
    }

    @Override
    public OperatorSubtaskState snapshot(long checkpointId, long timestamp) throws Exception {
        flush();
        return super.snapshot(checkpointId, timestamp);
    }

    void finish() throws Exception {
        scoreRequests().finish();
    }

    /** What was answered so far; what is under way is not waited for. */
    List<Prediction> predictionsSoFar() {
        return written("predictions", Prediction.class);
    }

    List<Prediction> predictions() throws Exception {
        flush();
        return written("predictions", Prediction.class);
    }

    /** What versions on trial said that nobody acts on, so far. */
    List<Prediction> shadowPredictions() {
        return written("shadow-predictions", Prediction.class);
    }

    List<Alert> alerts() {
        return written("alerts", Alert.class);
    }

    List<DeadLetter> deadLetters() {
        return extractOutputValues().stream()
                .filter(written -> written.topic().equals("dead-letters"))
                .map(written -> {
                    RecordHeaders headers = new RecordHeaders();
                    written.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
                    return DeadLetter.read(headers);
                })
                .toList();
    }

    private <T extends SpecificRecord> List<T> written(String topic, Class<T> type) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(registry, type);
        return extractOutputValues().stream()
                .filter(written -> written.topic().equals(topic))
                .map(written -> deserializer.deserialize(topic, written.value()))
                .toList();
    }

    private ScoreRequests scoreRequests() {
        return (ScoreRequests) operator;
    }
}
