package dev.penstock.cli.connection;

import dev.penstock.cli.output.CommandException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * What lies between two offsets of each partition now.
 *
 * @param from offset of the first record, by partition
 * @param until offset after the last, by partition
 */
public record RecordsBetween(Map<TopicPartition, Long> from, Map<TopicPartition, Long> until) {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public RecordsBetween {
        from = Map.copyOf(from);
        until = Map.copyOf(until);
    }

    /** What to do with a record. */
    public interface Visitor {
        void visit(ConsumerRecord<byte[], byte[]> record);
    }

    /**
     * From the first record that is as new as that, or the oldest that is kept, to the end as it is now.
     *
     * @param epochMillis 0 for all
     */
    public static RecordsBetween since(long epochMillis, List<TopicPartition> partitions, Consumer<?, ?> consumer) {
        Map<TopicPartition, Long> until = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> from = new HashMap<>(until);
        if (epochMillis <= 0) {
            from.putAll(consumer.beginningOffsets(partitions));
        } else {
            Map<TopicPartition, Long> times = new HashMap<>();
            partitions.forEach(partition -> times.put(partition, epochMillis));
            consumer.offsetsForTimes(times).forEach((partition, found) -> {
                // Null where nothing is as new as that.
                if (found != null) {
                    from.put(partition, found.offset());
                }
            });
        }
        return new RecordsBetween(from, until);
    }

    /** How many there are at most: offsets also count the ends of transactions, and what was compacted. */
    public long count() {
        return from.entrySet().stream()
                .mapToLong(start -> Math.max(0, until.getOrDefault(start.getKey(), 0L) - start.getValue()))
                .sum();
    }

    /**
     * In the order of each partition.
     *
     * @param consumer stays the caller's
     * @throws CommandException if nothing comes for half a minute
     */
    public void read(Consumer<byte[], byte[]> consumer, Visitor visitor) {
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (until.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (record.offset() < until.get(new TopicPartition(record.topic(), record.partition()))) {
                    visitor.visit(record);
                }
            }
            if (!records.isEmpty()) {
                deadline = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > deadline) {
                throw CommandException.failed(
                        "Cannot read %s to the end: nothing came for %d seconds"
                                .formatted(from.keySet(), PATIENCE.toSeconds()),
                        "Do the brokers run, and is a transaction open? 'penstock doctor' and 'penstock transactions list'"
                                + " tell.",
                        null);
            }
        }
    }
}
