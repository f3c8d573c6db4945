package dev.penstock.rollout.deciding;

import dev.penstock.schemas.wire.Polling;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads what a topic has now, from its beginning or from a time on, to its end as it was when reading began. */
public final class TopicReading {
    private static final Duration POLL = Duration.ofMillis(200);

    private TopicReading() {}

    /**
     * @param consumer without a group; it is closed here
     * @param since empty to read from the beginning
     * @throws IllegalStateException if there is no such topic
     */
    public static <T extends SpecificRecord> void read(
            Consumer<String, @Nullable T> consumer,
            String topic,
            @Nullable Instant since,
            java.util.function.Consumer<ConsumerRecord<String, @Nullable T>> reader) {
        try (consumer) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new IllegalStateException(
                        "Cannot read topic '%s': there is none; create the topics".formatted(topic));
            }
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.seekToBeginning(partitions);
            if (since != null) {
                seek(consumer, partitions, since);
            }
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                // Anybody may write into a topic, and the job must begin all the same.
                Polling.poll(consumer, POLL).forEach(reader);
            }
        }
    }

    private static void seek(Consumer<String, ?> consumer, List<TopicPartition> partitions, Instant since) {
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
        Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
        starts.forEach((partition, start) -> {
            if (start == null) {
                consumer.seekToEnd(List.of(partition));
            } else {
                consumer.seek(partition, start.offset());
            }
        });
    }
}
