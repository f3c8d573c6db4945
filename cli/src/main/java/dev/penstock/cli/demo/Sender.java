package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Sends one pipeline's events at a steady pace, as its owner's system would: with a serializer of its own schema. */
final class Sender {
    private final EventSource source;
    private final Ledger ledger;
    private final Producer<String, byte[]> producer;
    private final AvroSerializer<GenericRecord> serializer;
    private final Clock clock;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean isStopped;

    Sender(EventSource source, Ledger ledger, Producer<String, byte[]> producer, SchemaRegistry registry, Clock clock) {
        this.source = source;
        this.ledger = ledger;
        this.producer = producer;
        this.serializer = new AvroSerializer<>(registry);
        this.clock = clock;
    }

    /**
     * Sends each event at its time, whether or not earlier ones are answered, and returns when the broker has all that
     * were sent until it was stopped.
     *
     * @param perSecond events
     * @throws IllegalStateException if the broker refuses one
     */
    void send(List<DemoEvent> events, double perSecond) {
        long start = System.nanoTime();
        long gap = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        for (int index = 0; index < events.size() && !isStopped; index++) {
            long due = start + index * gap;
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            send(events.get(index));
        }
        producer.flush();
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException(
                    "Cannot send events to '%s': %s".formatted(source.topic(), failed.getMessage()), failed);
        }
    }

    /** Sends nothing more; may be called by any thread. */
    void stop() {
        isStopped = true;
    }

    private void send(DemoEvent event) {
        ProducerRecord<String, byte[]> message =
                new ProducerRecord<>(source.topic(), event.key(), bytes(event.content()));
        ledger.sending();
        Instant at = clock.instant();
        Future<RecordMetadata> unused = producer.send(message, (metadata, failed) -> {
            if (failed == null) {
                ledger.sent(event, metadata.partition(), metadata.offset(), at);
            } else {
                failure.compareAndSet(null, failed);
            }
        });
    }

    private byte @Nullable [] bytes(DemoEvent.Content content) {
        if (content instanceof DemoEvent.Content.Written written) {
            return serializer.serialize(source.topic(), written.value());
        }
        if (content instanceof DemoEvent.Content.Raw raw) {
            return raw.value();
        }
        throw new IllegalStateException("Cannot send unknown content: " + content);
    }
}
