package dev.penstock.cli.demo;

import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** Reads predictions and dead letters as any user would, and enters them in the ledgers. Runs on a thread of its own. */
final class Observer implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final AvroDeserializer<Prediction> predictions;
    private final Map<String, Ledger> ledgersByTopic;
    private final AtomicReference<@Nullable Instant> firstPrediction = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final Thread thread;

    /**
     * @param consumer without a group; closed here
     * @param ledgersByTopic by source topic
     */
    Observer(Consumer<byte[], byte[]> consumer, SchemaRegistry registry, Map<String, Ledger> ledgersByTopic) {
        this.consumer = consumer;
        this.predictions = AvroDeserializer.of(registry, Prediction.class);
        this.ledgersByTopic = Map.copyOf(ledgersByTopic);
        this.thread = new Thread(this::observe, "observer");
        thread.setDaemon(true);
        List<TopicPartition> partitions = List.of(Topic.PREDICTIONS, Topic.DEAD_LETTERS).stream()
                .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        thread.start();
    }

    /** When the first prediction was seen. */
    Optional<Instant> firstPrediction() {
        return Optional.ofNullable(firstPrediction.get());
    }

    /** @throws IllegalStateException if reading failed */
    void check() {
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("Cannot read predictions: " + failed.getMessage(), failed);
        }
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

    private void observe() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    enter(record);
                }
            }
        } catch (WakeupException e) {
            return; // Asked to end.
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private void enter(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(Topic.DEAD_LETTERS.topicName())) {
            DeadLetter letter = DeadLetter.read(record.headers());
            ledgerOf(letter.root().getTopic()).ifPresent(ledger -> ledger.deadLettered(letter));
            return;
        }
        Prediction prediction = predictions.deserialize(record.topic(), record.value());
        if (prediction != null) {
            firstPrediction.compareAndSet(null, Instant.now());
            ledgerOf(prediction.getOrigin().getTopic())
                    .ifPresent(ledger -> ledger.predicted(prediction, Instant.ofEpochMilli(record.timestamp())));
        }
    }

    private Optional<Ledger> ledgerOf(String topic) {
        return Optional.ofNullable(ledgersByTopic.get(topic));
    }
}
