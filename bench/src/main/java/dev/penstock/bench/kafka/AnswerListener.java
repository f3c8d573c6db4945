package dev.penstock.bench.kafka;

import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Notes when each answer arrives, on a thread of its own, from the moment when it is made until it is closed. */
public final class AnswerListener implements AutoCloseable {
    private final Depth depth;
    private final KafkaConsumer<String, byte[]> consumer;
    private final AvroDeserializer<Prediction> deserializer;
    private final AtomicLongArray arrivals;
    private final AtomicIntegerArray counts;
    private final AtomicIntegerArray versions;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long received;
    private volatile @Nullable RuntimeException failure;

    /** What is noted beside the time. */
    public enum Depth {
        /** Nothing: reading must not slow down what is measured. */
        ARRIVAL,
        /** The version that answered, for which each answer is decoded. */
        VERSION
    }

    /** @param requests numbers of them begin at 0 */
    public AnswerListener(Platform platform, String topic, int requests, Depth depth) throws InterruptedException {
        this.depth = depth;
        this.arrivals = new AtomicLongArray(requests);
        this.counts = new AtomicIntegerArray(requests);
        this.versions = new AtomicIntegerArray(requests);
        this.deserializer = AvroDeserializer.of(platform.schemas(), Prediction.class);
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.brokers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        Map<TopicPartition, Long> ends = platform.ends(topic);
        consumer.assign(ends.keySet());
        ends.forEach(consumer::seek);
        thread = new Thread(this::listen, "answers");
        thread.start();
    }

    private void listen() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    note(record, System.nanoTime());
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
    private void note(ConsumerRecord<String, byte[]> record, long now) {
        int number = Integer.parseInt(record.key());
        arrivals.compareAndSet(number, 0, now);
        counts.incrementAndGet(number);
        if (depth == Depth.VERSION) {
            Prediction prediction = deserializer.deserialize(record.topic(), record.value());
            versions.set(number, prediction == null ? 0 : prediction.getModelVersion());
        }
        received++;
    }

    /** Answers so far, repeats included. */
    public long received() {
        RuntimeException broken = failure;
        if (broken != null) {
            throw new IllegalStateException("Cannot listen to the answers any more: " + broken.getMessage(), broken);
        }
        return received;
    }

    /** When a request was first answered, by {@link System#nanoTime}; 0 if it was not. */
    public long arrival(int number) {
        return arrivals.get(number);
    }

    /** How often it was answered. */
    public int count(int number) {
        return counts.get(number);
    }

    /** Which version answered it last; 0 if none did, or if that was not to be noted. */
    public int version(int number) {
        return versions.get(number);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
