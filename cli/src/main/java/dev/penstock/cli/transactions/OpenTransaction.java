package dev.penstock.cli.transactions;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;

/**
 * A transactional id, and the transaction that is open under it.
 *
 * @param startedAt empty if none is open
 * @param timeout after which the brokers end it themselves
 * @param partitions that it has written to so far
 */
public record OpenTransaction(
        String id,
        TransactionState state,
        long producerId,
        int producerEpoch,
        Optional<Instant> startedAt,
        Duration timeout,
        Set<TopicPartition> partitions) {
    public OpenTransaction {
        TreeSet<TopicPartition> sorted =
                new TreeSet<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        sorted.addAll(partitions);
        partitions = Collections.unmodifiableSet(sorted);
    }

    static OpenTransaction of(String id, TransactionDescription description) {
        return new OpenTransaction(
                id,
                description.state(),
                description.producerId(),
                description.producerEpoch(),
                description.transactionStartTimeMs().isPresent()
                        ? Optional.of(Instant.ofEpochMilli(
                                description.transactionStartTimeMs().getAsLong()))
                        : Optional.empty(),
                Duration.ofMillis(description.transactionTimeoutMs()),
                description.topicPartitions());
    }

    boolean isOpen() {
        return startedAt.isPresent()
                && (state == TransactionState.ONGOING
                        || state == TransactionState.PREPARE_ABORT
                        || state == TransactionState.PREPARE_COMMIT);
    }

    /** How long it has been open. */
    public Optional<Duration> age(Clock clock) {
        return startedAt.filter(start -> isOpen()).map(start -> Duration.between(start, clock.instant()));
    }

    /** Whether it is open for longer than anybody needs. */
    public boolean isHanging(Clock clock, Duration longest) {
        return age(clock).filter(age -> age.compareTo(longest) > 0).isPresent();
    }
}
