package dev.penstock.models.transit;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.Polling;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads every announcement in {@code model-versions}, which is small: cards, not bundles. Thread-safe. */
public final class PublishedVersions {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Supplier<Consumer<String, ModelVersion>> consumers;
    private final Duration patience;

    /** @param consumers makes one for each reading, without a group; it is closed here */
    public PublishedVersions(Supplier<Consumer<String, ModelVersion>> consumers) {
        this(consumers, PATIENCE);
    }

    /** @param patience how long the next record is waited for */
    PublishedVersions(Supplier<Consumer<String, ModelVersion>> consumers, Duration patience) {
        this.consumers = consumers;
        this.patience = patience;
    }

    /**
     * All that is announced now, by model and then by version.
     *
     * @throws org.apache.kafka.common.errors.TimeoutException if the brokers do not answer
     */
    public List<ModelVersion> all() {
        Map<String, ModelVersion> byKey = new TreeMap<>();
        try (Consumer<String, ModelVersion> consumer = consumers.get()) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topic.MODEL_VERSIONS.topicName()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + patience.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                ConsumerRecords<String, ModelVersion> records = Polling.poll(consumer, POLL);
                for (ConsumerRecord<String, ModelVersion> record : records) {
                    if (record.value() == null) {
                        byKey.remove(record.key());
                    } else {
                        byKey.put(record.key(), record.value());
                    }
                }
                if (!records.isEmpty()) {
                    deadline = System.nanoTime() + patience.toNanos();
                } else if (System.nanoTime() > deadline) {
                    throw new TimeoutException(
                            "Cannot list model versions: topic '%s' was not read to its end within %s; check that the brokers run"
                                    .formatted(Topic.MODEL_VERSIONS.topicName(), patience));
                }
            }
        }
        return byKey.values().stream()
                .sorted(Comparator.comparing(ModelVersion::getModel).thenComparing(ModelVersion::getVersion))
                .toList();
    }

    /** The versions of one model, lowest first. */
    public List<ModelVersion> of(String model) {
        return all().stream()
                .filter(version -> version.getModel().equals(model))
                .toList();
    }

    public Optional<ModelVersion> newest(String model) {
        return of(model).stream().max(Comparator.comparing(ModelVersion::getVersion));
    }
}
