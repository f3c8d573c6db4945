package dev.penstock.cli.topics;

import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.NewTopics;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * The topics that pipelines read. They are their owners' to create and to keep; where those have not come yet, ingest
 * needs them all the same to start.
 */
public final class SourceTopics {
    private final Admin admin;
    private final int partitions;
    private final short replication;

    /** @param replication copies of each partition, 1 for a single broker */
    public SourceTopics(Admin admin, int partitions, short replication) {
        this.admin = admin;
        this.partitions = partitions;
        this.replication = replication;
    }

    /**
     * Leaves what exists as it is.
     *
     * @return those that it created
     * @throws IllegalStateException if the brokers refuse one
     */
    public List<String> createMissing(Pipelines pipelines) throws InterruptedException {
        try {
            Set<String> existing = admin.listTopics().names().get();
            List<String> missing = pipelines.withSource().stream()
                    .map(pipeline -> pipeline.source().map(Source::topic).orElseThrow())
                    .distinct()
                    .filter(topic -> !existing.contains(topic))
                    .toList();
            NewTopics.create(
                    admin,
                    missing.stream()
                            .map(topic -> new NewTopic(topic, partitions, replication))
                            .toList());
            return missing;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot list topics: " + e.getCause().getMessage(), e.getCause());
        }
    }
}
