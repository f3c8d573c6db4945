package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Partitions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The newest records of a topic since some time, but only so many: a topic may hold millions.
 *
 * @param count of all of them, by their offsets
 * @param records those that were read
 */
record RecentRecords<V>(long count, List<ConsumerRecord<?, V>> records) {
    private static final long MOST = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final Duration POLL = Duration.ofMillis(200);

    RecentRecords {
        records = List.copyOf(records);
    }

    /** @param consumer stays the caller's */
    static <V> RecentRecords<V> since(
            long epochMillis, List<TopicPartition> partitions, Admin admin, Consumer<?, V> consumer)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> since = Partitions.offsets(admin, partitions, OffsetSpec.forTimestamp(epochMillis));
        Map<TopicPartition, Long> end = Partitions.offsets(admin, partitions, OffsetSpec.latest());
        Map<TopicPartition, Long> first = Partitions.offsets(admin, partitions, OffsetSpec.earliest());
        long count = 0;
        Map<TopicPartition, Long> from = new HashMap<>();
        for (TopicPartition partition : partitions) {
            // -1 where nothing is as new as that.
            long start = since.get(partition) < 0 ? end.get(partition) : since.get(partition);
            if (start < end.get(partition)) {
                count += end.get(partition) - start;
                long newest = end.get(partition) - MOST / partitions.size();
                from.put(partition, Math.max(first.get(partition), Math.max(start, newest)));
            }
        }
        return new RecentRecords<>(count, read(consumer, from, end));
    }

    private static <V> List<ConsumerRecord<?, V>> read(
            Consumer<?, V> consumer, Map<TopicPartition, Long> from, Map<TopicPartition, Long> end) {
        List<ConsumerRecord<?, V>> records = new ArrayList<>();
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline
                && from.keySet().stream().anyMatch(partition -> consumer.position(partition) < end.get(partition))) {
            consumer.poll(POLL).forEach(records::add);
        }
        return records;
    }
}
