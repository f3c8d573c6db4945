package dev.penstock.cli.watching;

import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Reads a topic record by record until there is a reason to stop. For one thread, but {@link #stop} may be any. */
final class Reading {
    private static final Duration POLL = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private volatile boolean stopped;

    /** @param consumer stays the caller's */
    Reading(Consumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /**
     * @param from offset of the first record, by partition
     * @param until offsets at which reading ends once all are reached, for every partition of {@code from} or for none
     * @param visitor says whether to go on
     */
    void read(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> until,
            Predicate<ConsumerRecord<byte[], byte[]>> visitor) {
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        try {
            while (!stopped && !isReached(until)) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    boolean beyond = !until.isEmpty() && record.offset() >= until.get(partitionOf(record));
                    if (stopped || (!beyond && !visitor.test(record))) {
                        return;
                    }
                }
            }
        } catch (WakeupException e) {
            if (!stopped) {
                throw e;
            }
        }
    }

    /** Ends the reading, soon and without an error. */
    void stop() {
        stopped = true;
        consumer.wakeup();
    }

    private boolean isReached(Map<TopicPartition, Long> until) {
        return !until.isEmpty()
                && until.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private static TopicPartition partitionOf(ConsumerRecord<?, ?> record) {
        return new TopicPartition(record.topic(), record.partition());
    }
}
