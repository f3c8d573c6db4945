package dev.penstock.ingest;

import dev.penstock.ingest.limits.TopicLimits;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** What ingest needs to know of topics before it starts. */
final class KafkaTopics {
    /** A topic that was created a moment ago is not known to every broker yet. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private static final int LOOK_MILLIS = 100;
    private static final int LONGEST_NAME = 249;

    private final Admin admin;

    KafkaTopics(Admin admin) {
        this.admin = admin;
    }

    /** Every topic that ingest reads or writes for these pipelines. */
    static Set<String> usedBy(Pipelines pipelines) {
        Set<String> names = new LinkedHashSet<>();
        for (Pipeline pipeline : pipelines.withSource()) {
            names.add(pipeline.source().orElseThrow().topic());
            names.add(Topic.requestsOf(pipeline.modality()).topicName());
        }
        names.add(Topic.DEAD_LETTERS.topicName());
        return names;
    }

    /**
     * The names of internal topics are made of the application's and the source topic's, and Kafka's have 249 characters
     * at most.
     *
     * @throws IllegalArgumentException naming the first source topic whose internal topics could not be created
     */
    static void requireShortNames(String applicationId, Pipelines pipelines) {
        for (Pipeline pipeline : pipelines.withSource()) {
            String topic = pipeline.source().orElseThrow().topic();
            String longest = applicationId + "-seen-by-entity-" + topic + "-changelog";
            if (longest.length() > LONGEST_NAME) {
                throw new IllegalArgumentException(
                        "Cannot ingest topic '%s': internal topic '%s' would have %d characters, more than the %d of Kafka; choose a shorter application-id"
                                .formatted(topic, longest, longest.length(), LONGEST_NAME));
            }
        }
    }

    /** @throws IllegalStateException naming those that are missing, or if the brokers do not answer */
    void requireExisting(Set<String> names) throws InterruptedException {
        Set<String> missing = missing(names);
        long deadline = System.nanoTime() + SETTLING.toNanos();
        while (!missing.isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            missing = missing(names);
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "Cannot start ingest: topics %s do not exist; create them, or correct the pipelines"
                            .formatted(missing));
        }
    }

    private Set<String> missing(Set<String> names) throws InterruptedException {
        Set<String> missing = new LinkedHashSet<>(names);
        try {
            missing.removeAll(admin.listTopics().names().get());
        } catch (ExecutionException e) {
            throw unanswered(e);
        }
        return missing;
    }

    /** What those of Penstock's topics among them take, as they are now. */
    TopicLimits limits(Set<String> names) throws InterruptedException {
        Map<Topic, Integer> actual = new EnumMap<>(Topic.class);
        List<ConfigResource> own = names.stream()
                .filter(name -> Topic.named(name).isPresent())
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        try {
            for (Map.Entry<ConfigResource, Config> described :
                    admin.describeConfigs(own).all().get().entrySet()) {
                String bytes = described
                        .getValue()
                        .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                        .value();
                actual.put(Topic.named(described.getKey().name()).orElseThrow(), Integer.valueOf(bytes));
            }
        } catch (ExecutionException e) {
            throw unanswered(e);
        }
        return TopicLimits.narrowed(actual);
    }

    private static IllegalStateException unanswered(ExecutionException e) {
        return new IllegalStateException(
                "Cannot start ingest: the brokers do not say what topics there are (%s); check that they run, that the address is right and that this user may describe topics"
                        .formatted(e.getCause()),
                e.getCause());
    }
}
