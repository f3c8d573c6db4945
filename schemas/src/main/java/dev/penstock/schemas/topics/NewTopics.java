package dev.penstock.schemas.topics;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates topics that can be used when {@link #create} returns. The controller answers as soon as it has written a
 * topic down, and brokers hear of it later: who asks them in between is told that there is no such topic.
 */
public final class NewTopics {
    /** How long the brokers may take to hear of a topic. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration PAUSE = Duration.ofMillis(20);

    private static final Logger LOG = LoggerFactory.getLogger(NewTopics.class);

    private NewTopics() {}

    /**
     * One that another process creates meanwhile is left as that one made it.
     *
     * @throws IllegalStateException if the brokers refuse a topic, or have not heard of it after a minute
     */
    public static void create(Admin admin, Collection<NewTopic> topics) throws InterruptedException {
        for (Map.Entry<String, KafkaFuture<Void>> created :
                admin.createTopics(topics).values().entrySet()) {
            try {
                created.getValue().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new IllegalStateException(
                            "Cannot create topic '%s': %s"
                                    .formatted(created.getKey(), e.getCause().getMessage()),
                            e.getCause());
                }
                LOG.debug("Topic {} was created by another process", created.getKey());
            }
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (NewTopic topic : topics) {
            await(admin, topic.name(), deadline);
        }
    }

    private static void await(Admin admin, String topic, long deadline) throws InterruptedException {
        while (!isKnown(admin, topic)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "Cannot use topic '%s': it was created, but after %d s no broker leads all of its partitions; check that the brokers reach the controller"
                                .formatted(topic, PATIENCE.toSeconds()));
            }
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        }
    }

    private static boolean isKnown(Admin admin, String topic) throws InterruptedException {
        try {
            TopicDescription description = admin.describeTopics(List.of(topic))
                    .topicNameValues()
                    .get(topic)
                    .get();
            return description.partitions().stream()
                    .allMatch(partition ->
                            partition.leader() != null && !partition.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw new IllegalStateException(
                    "Cannot describe topic '%s', which was just created: %s; check that this user may describe it"
                            .formatted(topic, e.getCause().getMessage()),
                    e.getCause());
        }
    }
}
