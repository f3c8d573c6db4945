package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** One task of the operator, whose mailbox runs when the test says so. */
final class ScoreRequestsHarness extends AbstractStreamOperatorTestHarness<OutputRecord> {
    private final SchemaRegistry registry;
    private final AvroSerializer<SpecificRecord> serializer;
    private long offset;

    ScoreRequestsHarness(ScoreRequests.Settings settings) throws Exception {
        super(new ScoreRequestsFactory(settings), 1, 1, 0);
        this.registry = settings.registry().open();
        this.serializer = new AvroSerializer<>(registry);
    }

    void request(InferenceRequest request) throws Exception {
        requestBytes(serializer.serialize("requests.text", request));
    }

    void requestBytes(byte[] value) throws Exception {
        scoreRequests()
                .processElement1(new StreamRecord<>(new InputRecord("requests.text", 0, offset++, 1_000, null, value)));
    }

    void announce(ModelVersion version) {
        announceBytes(serializer.serialize("model-versions", version));
    }

    void announceBytes(byte[] value) {
        scoreRequests().processElement2(new StreamRecord<>(new InputRecord("model-versions", 0, 0, 0, null, value)));
    }

    /** Runs what comes into the mailbox, as the task does between two records. */
    void runUntil(BooleanSupplier reached) throws Exception {
        while (!reached.getAsBoolean()) {
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

    void finish() throws Exception {
        scoreRequests().finish();
    }

    List<Prediction> predictions() {
        return written("predictions", Prediction.class);
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
