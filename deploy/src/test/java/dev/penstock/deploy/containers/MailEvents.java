package dev.penstock.deploy.containers;

import dev.penstock.models.TinyModels;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.wire.AvroSerializer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's mails, sent in somebody's schema until they are stopped; every seventh cannot be used, for one of five
 * reasons in turn. So whatever happens meanwhile happens midway, and between good ones and bad.
 */
final class MailEvents implements AutoCloseable {
    private static final int BAD_EVERY = 7;
    private static final int PAUSE_MILLIS = 4;
    private static final int UNREGISTERED = 1_000_000;

    private static final Schema SCHEMA = SchemaBuilder.record("MailReceived")
            .namespace("com.example.mail")
            .fields()
            .requiredString("message_id")
            .requiredString("mailbox")
            .name("body")
            .type()
            .unionOf()
            .nullType()
            .and()
            .stringType()
            .endUnion()
            .nullDefault()
            .endRecord();

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AvroSerializer<GenericRecord> serializer;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<Map<Origin, Expected>> sending;
    private volatile boolean stopped;

    /** What is to become of an event: a prediction, of this id and label, or a dead letter for this reason. */
    record Expected(String messageId, Optional<String> label, Optional<DeadLetterCode> reason) {
        static Expected answered(String messageId, String label) {
            return new Expected(messageId, Optional.of(label), Optional.empty());
        }

        static Expected refused(String messageId, DeadLetterCode reason) {
            return new Expected(messageId, Optional.empty(), Optional.of(reason));
        }
    }

    private record Event(ByteBuffer value, Expected expected) {
        Event(byte[] value, Expected expected) {
            this(ByteBuffer.wrap(value), expected);
        }
    }

    private MailEvents(ContainedKafka kafka, String topic) {
        this.topic = topic;
        producer = kafka.bytesProducer();
        serializer = new AvroSerializer<>(kafka.registry());
        sending = thread.submit(this::send);
    }

    static MailEvents sendTo(ContainedKafka kafka, String topic) {
        return new MailEvents(kafka, topic);
    }

    /** Where each event is that was sent, all of them acknowledged, and what is to become of it. */
    Map<Origin, Expected> stop() throws Exception {
        stopped = true;
        return sending.get();
    }

    private Map<Origin, Expected> send() throws Exception {
        Map<Expected, Future<RecordMetadata>> sent = new HashMap<>();
        for (int number = 0; !stopped; number++) {
            Event event = number % BAD_EVERY == BAD_EVERY - 1 ? bad(number) : good(number);
            sent.put(
                    event.expected(),
                    producer.send(new ProducerRecord<>(topic, event.value().array())));
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        producer.flush();
        Map<Origin, Expected> events = new HashMap<>();
        for (Map.Entry<Expected, Future<RecordMetadata>> each : sent.entrySet()) {
            RecordMetadata place = each.getValue().get();
            events.put(new Origin(topic, place.partition(), place.offset()), each.getKey());
        }
        return events;
    }

    private Event good(int number) {
        String id = "mail-" + number;
        return number % 2 == 0
                ? new Event(mail(id, "buy spam, number " + number), Expected.answered(id, "spam"))
                : new Event(mail(id, "see you at lunch"), Expected.answered(id, "ham"));
    }

    private Event bad(int number) {
        String id = "mail-" + number;
        return switch (number / BAD_EVERY % 5) {
            case 0 -> new Event(new byte[] {1, 2, 3}, Expected.refused(id, DeadLetterCode.MALFORMED_RECORD));
            case 1 ->
                new Event(
                        ByteBuffer.allocate(20)
                                .put((byte) 0)
                                .putInt(UNREGISTERED)
                                .array(),
                        Expected.refused(id, DeadLetterCode.UNKNOWN_SCHEMA));
            case 2 -> new Event(mail(id, null), Expected.refused(id, DeadLetterCode.MISSING_FIELD));
            case 3 -> new Event(mail(id, ""), Expected.refused(id, DeadLetterCode.EMPTY_PAYLOAD));
            default -> new Event(mail(id, TinyModels.BREAKING_TEXT), Expected.refused(id, DeadLetterCode.MODEL_FAILED));
        };
    }

    private byte[] mail(String id, @Nullable String body) {
        return serializer.serialize(
                topic,
                new GenericRecordBuilder(SCHEMA)
                        .set("message_id", id)
                        .set("mailbox", "box-" + id.hashCode() % 50)
                        .set("body", body)
                        .build());
    }

    @Override
    public void close() {
        stopped = true;
        thread.shutdown();
        producer.close();
    }
}
