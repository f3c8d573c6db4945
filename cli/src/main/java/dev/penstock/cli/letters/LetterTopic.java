package dev.penstock.cli.letters;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.Partitions;
import dev.penstock.cli.connection.RecordsBetween;
import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.topics.Topic;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/** The topic of dead letters as it is now. */
final class LetterTopic {
    private final Connection connection;

    LetterTopic(Connection connection) {
        this.connection = connection;
    }

    /**
     * Tells each letter of the selection, in the order of each partition.
     *
     * @throws CommandException if there is no such topic, or the brokers do not answer
     */
    void read(LetterSelection selection, Consumer<Letter> visitor) throws InterruptedException {
        List<TopicPartition> partitions = partitions();
        try (var consumer = connection.bytesConsumer()) {
            // Ingest keeps the original's time, so that times may go back; the first as new as that may come early, and
            // what is older behind it is left out by the selection.
            RecordsBetween.since(selection.sinceMillis(), partitions, consumer)
                    .read(
                            consumer,
                            record -> Letter.of(record).filter(selection::has).ifPresent(visitor));
        }
    }

    private List<TopicPartition> partitions() throws InterruptedException {
        String name = Topic.DEAD_LETTERS.topicName();
        try (Admin admin = connection.admin()) {
            if (!admin.listTopics().names().get().contains(name)) {
                throw CommandException.failed(
                        "Cannot read dead letters: there is no topic '%s' at %s, or this user may not see it"
                                .formatted(name, connection.brokers()),
                        "Create it with 'penstock topics --create', or name another broker with --brokers.",
                        null);
            }
            return Partitions.of(admin, Set.of(name));
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot read dead letters: %s".formatted(e.getCause().getMessage()),
                    "Check what this user may do there: 'penstock access' lists what an operator needs.",
                    e);
        }
    }
}
