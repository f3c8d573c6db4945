package dev.penstock.cli.outcomes;

import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Headers;

/** Reads predictions and dead letters from the moment it is opened, as any user would, on a thread of its own. */
public final class OutcomeReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final AvroDeserializer<Prediction> predictions;
    private final Listener listener;
    private final Thread thread;

    /** Told of each outcome in the order in which they are read, on the reader's thread. */
    public interface Listener {
        /** @param written when its record was written, by Kafka's timestamp */
        void predicted(Prediction prediction, Instant written);

        void deadLettered(DeadLetter letter);

        /** Nothing more will be read. */
        void failed(RuntimeException failure);
    }

    private OutcomeReader(
            Consumer<byte[], byte[]> consumer, AvroDeserializer<Prediction> predictions, Listener listener) {
        this.consumer = consumer;
        this.predictions = predictions;
        this.listener = listener;
        this.thread = new Thread(this::read, "outcomes");
        thread.setDaemon(true);
    }

    /**
     * Returns once everything that is written from now on will be seen.
     *
     * @param consumer without a group; closed with the reader, or here if reading cannot begin
     */
    public static OutcomeReader open(
            Consumer<byte[], byte[]> consumer, AvroDeserializer<Prediction> predictions, Listener listener) {
        try {
            List<TopicPartition> partitions = Stream.of(Topic.PREDICTIONS, Topic.DEAD_LETTERS)
                    .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            // Seeking is lazy: asking makes it happen now.
            partitions.forEach(consumer::position);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
        OutcomeReader reader = new OutcomeReader(consumer, predictions, listener);
        reader.thread.start();
        return reader;
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        try (consumer) {
            while (true) {
                consumer.poll(POLL).forEach(this::enter);
            }
        } catch (WakeupException e) {
            return; // Asked to end.
        } catch (RuntimeException e) {
            listener.failed(e);
        }
    }

    private void enter(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(Topic.DEAD_LETTERS.topicName())) {
            deadLetter(record.headers()).ifPresent(listener::deadLettered);
            return;
        }
        Prediction prediction = predictions.deserialize(record.topic(), record.value());
        // A shadow's opinion is nobody's answer.
        if (prediction != null && prediction.getVariant() != Variant.SHADOW) {
            listener.predicted(prediction, Instant.ofEpochMilli(record.timestamp()));
        }
    }

    private static Optional<DeadLetter> deadLetter(Headers headers) {
        try {
            return Optional.of(DeadLetter.read(headers));
        } catch (IllegalArgumentException e) {
            // Somebody else's, and so not about an event of ours.
            return Optional.empty();
        }
    }
}
