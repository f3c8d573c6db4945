package dev.penstock.cli.transactions;

import dev.penstock.cli.connection.Partitions;
import dev.penstock.cli.output.CommandException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/** What the brokers know of transactions. */
public final class Transactions {
    private static final String REMEDY =
            "Check what this user may do there: 'penstock access' lists what an operator and an administrator need.";

    private final Admin admin;

    /** @param admin stays the caller's */
    public Transactions(Admin admin) {
        this.admin = admin;
    }

    /** Those whose ids begin so, the oldest that is open first. */
    public List<OpenTransaction> thatBegin(String begin) throws InterruptedException {
        try {
            Set<String> ids = new TreeSet<>();
            for (TransactionListing listing : admin.listTransactions().all().get()) {
                if (listing.transactionalId().startsWith(begin)) {
                    ids.add(listing.transactionalId());
                }
            }
            List<OpenTransaction> found = new ArrayList<>();
            if (!ids.isEmpty()) {
                var descriptions = admin.describeTransactions(ids);
                for (String id : ids) {
                    described(id, descriptions.description(id)).ifPresent(found::add);
                }
            }
            found.sort(Comparator.comparing(
                            (OpenTransaction each) -> each.startedAt().orElse(Instant.MAX))
                    .thenComparing(OpenTransaction::id));
            return found;
        } catch (ExecutionException e) {
            throw failed("list transactions", e);
        }
    }

    /** Empty if the brokers know no such id. */
    Optional<OpenTransaction> named(String id) throws InterruptedException {
        try {
            return described(id, admin.describeTransactions(List.of(id)).description(id));
        } catch (ExecutionException e) {
            throw failed("describe transaction '%s'".formatted(id), e);
        }
    }

    /** A transaction as a partition sees it. */
    record InPartition(TopicPartition partition, ProducerState producer) {
        /** Offset of its first record there: readers of committed records get no further. */
        long startOffset() {
            return producer.currentTransactionStartOffset().orElseThrow();
        }

        /** When it last wrote there. */
        Instant lastWritten() {
            return Instant.ofEpochMilli(producer.lastTimestamp());
        }
    }

    /** What is open in these topics, whatever the coordinators know of it; those that do not exist are left out. */
    List<InPartition> openIn(Collection<String> topics) throws InterruptedException {
        try {
            Set<String> existing = new TreeSet<>(topics);
            existing.retainAll(admin.listTopics().names().get());
            List<InPartition> open = new ArrayList<>();
            for (Map.Entry<TopicPartition, PartitionProducerState> partition : admin.describeProducers(
                            Partitions.of(admin, existing))
                    .all()
                    .get()
                    .entrySet()) {
                partition.getValue().activeProducers().stream()
                        .filter(producer ->
                                producer.currentTransactionStartOffset().isPresent())
                        .forEach(producer -> open.add(new InPartition(partition.getKey(), producer)));
            }
            open.sort(
                    Comparator.comparing((InPartition each) -> each.partition().topic())
                            .thenComparingInt(each -> each.partition().partition())
                            .thenComparingLong(InPartition::startOffset));
            return open;
        } catch (ExecutionException e) {
            throw failed("see who has a transaction open in %s".formatted(topics), e);
        }
    }

    /** Ends what a producer has open in one partition; readers of committed records never see it. */
    void abort(InPartition open) throws InterruptedException {
        try {
            admin.abortTransaction(new AbortTransactionSpec(
                            open.partition(),
                            open.producer().producerId(),
                            (short) open.producer().producerEpoch(),
                            open.producer().coordinatorEpoch().orElse(0)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw failed("abort the transaction in %s".formatted(open.partition()), e);
        }
    }

    /**
     * Ends the transaction of an id as its own producer would at its next start: whoever still writes under it is shut
     * out.
     */
    void fence(String id) throws InterruptedException {
        try {
            admin.fenceProducers(List.of(id)).all().get();
        } catch (ExecutionException e) {
            throw failed("end the transaction of '%s'".formatted(id), e);
        }
    }

    private static Optional<OpenTransaction> described(String id, KafkaFuture<TransactionDescription> description)
            throws InterruptedException, ExecutionException {
        try {
            return Optional.of(OpenTransaction.of(id, description.get()));
        } catch (ExecutionException e) {
            // It expired meanwhile.
            if (e.getCause() instanceof TransactionalIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static CommandException failed(String action, ExecutionException e) {
        return CommandException.failed(
                "Cannot %s: %s".formatted(action, e.getCause().getMessage()), REMEDY, e);
    }
}
