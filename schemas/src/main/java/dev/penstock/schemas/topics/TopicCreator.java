package dev.penstock.schemas.topics;

import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Creates the catalogue's topics and registers their schemas; what exists is left as it is. Safe to run from several
 * processes at once.
 */
public final class TopicCreator {
    /** What the registry holds our schemas to. */
    public static final String COMPATIBILITY = "FULL_TRANSITIVE";

    private final Admin admin;
    private final SchemaRegistry registry;
    private final int partitions;
    private final short replication;

    /**
     * @param partitions for topics that are read in parallel; {@code model-*} topics have one, which keeps their order
     * @param replication copies of each partition, 1 for a single broker
     */
    public TopicCreator(Admin admin, SchemaRegistry registry, int partitions, short replication) {
        this.admin = admin;
        this.registry = registry;
        this.partitions = partitions;
        this.replication = replication;
    }

    /** @throws IllegalStateException if the broker refuses a topic for another reason than that it exists */
    public void createMissing() throws InterruptedException {
        Set<String> existing = existing();
        List<NewTopic> missing = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            if (!existing.contains(topic.topicName())) {
                missing.add(
                        new NewTopic(topic.topicName(), partitionsOf(topic), replication).configs(topic.settings()));
            }
        }
        NewTopics.create(admin, missing);
        for (Topic topic : Topic.values()) {
            topic.schema().ifPresent(schema -> {
                registry.requireCompatibility(topic.subject(), COMPATIBILITY);
                registry.register(topic.subject(), schema);
            });
        }
    }

    private int partitionsOf(Topic topic) {
        return switch (topic) {
            case MODEL_VERSIONS, MODEL_ARTIFACTS, ALERTS -> 1;
            default -> partitions;
        };
    }

    private Set<String> existing() throws InterruptedException {
        try {
            return admin.listTopics().names().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot list topics: %s; check that the brokers answer and that this user may describe topics"
                            .formatted(e.getCause().getMessage()),
                    e.getCause());
        }
    }
}
