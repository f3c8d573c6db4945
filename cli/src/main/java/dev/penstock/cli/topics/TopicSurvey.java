package dev.penstock.cli.topics;

import dev.penstock.cli.connection.Partitions;
import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Looks at every topic of a broker but Kafka's own. */
public final class TopicSurvey {
    private final Admin admin;
    private final Subjects subjects;

    public TopicSurvey(Admin admin, Subjects subjects) {
        this.admin = admin;
        this.subjects = subjects;
    }

    /**
     * Those of the catalogue in its order, whether they are there or not, and then all others by name.
     *
     * @throws CommandException if the broker or the registry does not answer
     */
    public List<TopicState> all() throws InterruptedException {
        try {
            Set<String> subjectNames = new HashSet<>(subjects.names());
            Set<String> existing = new TreeSet<>(admin.listTopics().names().get());
            Map<String, TopicDescription> descriptions =
                    admin.describeTopics(existing).allTopicNames().get();
            Map<String, Map<String, String>> settings = settings(existing);
            Map<String, Long> records = records(descriptions.values());
            Function<String, TopicState> look = name -> state(
                    name,
                    descriptions.get(name).partitions().size(),
                    records.getOrDefault(name, 0L),
                    settings.get(name),
                    subjectNames);
            List<TopicState> states = new ArrayList<>();
            for (Topic topic : Topic.values()) {
                boolean exists = existing.remove(topic.topicName());
                states.add(exists ? look.apply(topic.topicName()) : TopicState.missing(topic.topicName()));
            }
            existing.forEach(other -> states.add(look.apply(other)));
            return states;
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot look at the topics: %s".formatted(e.getCause().getMessage()),
                    "Check that this user may describe topics and their settings.",
                    e);
        }
    }

    private TopicState state(
            String name, int partitions, long records, Map<String, String> settings, Set<String> subjectNames) {
        Optional<Topic> topic = Topic.named(name);
        String subject = SchemaRegistry.subjectOf(name);
        Optional<SchemaRegistry.Version> schema =
                subjectNames.contains(subject) ? subjects.newest(subject) : Optional.empty();
        Optional<String> compatibility = schema.flatMap(registered -> subjects.compatibility(subject));
        List<String> deviations = new ArrayList<>();
        topic.ifPresent(known -> {
            deviations.addAll(CatalogueCheck.settings(known, settings));
            deviations.addAll(CatalogueCheck.schema(known, schema, compatibility, subjects));
        });
        return new TopicState(
                name, topic.isPresent(), true, partitions, records, kept(settings), schema, compatibility, deviations);
    }

    private Map<String, Map<String, String>> settings(Collection<String> topics)
            throws ExecutionException, InterruptedException {
        List<ConfigResource> resources = topics.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, Map<String, String>> byTopic = new HashMap<>();
        for (Map.Entry<ConfigResource, Config> described :
                admin.describeConfigs(resources).all().get().entrySet()) {
            byTopic.put(
                    described.getKey().name(),
                    described.getValue().entries().stream()
                            .filter(entry -> entry.value() != null)
                            .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value)));
        }
        return byTopic;
    }

    private Map<String, Long> records(Collection<TopicDescription> topics)
            throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .toList();
        Map<TopicPartition, Long> first = Partitions.offsets(admin, partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = Partitions.offsets(admin, partitions, OffsetSpec.latest());
        Map<String, Long> records = new HashMap<>();
        for (TopicPartition partition : partitions) {
            records.merge(partition.topic(), end.get(partition) - first.get(partition), Long::sum);
        }
        return records;
    }

    static String kept(Map<String, String> settings) {
        String policy = settings.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        String newest = policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT) ? "newest of each key" : "";
        if (!policy.contains(TopicConfig.CLEANUP_POLICY_DELETE)) {
            return newest;
        }
        Duration retention =
                Duration.ofMillis(Long.parseLong(settings.getOrDefault(TopicConfig.RETENTION_MS_CONFIG, "-1")));
        String time = retention.isNegative() ? "for ever" : readable(retention);
        return newest.isEmpty() ? time : newest + ", " + time;
    }

    private static String readable(Duration duration) {
        if (duration.toDays() > 0 && duration.equals(Duration.ofDays(duration.toDays()))) {
            return duration.toDays() == 1 ? "1 day" : duration.toDays() + " days";
        }
        if (duration.toHours() > 0 && duration.equals(Duration.ofHours(duration.toHours()))) {
            return duration.toHours() == 1 ? "1 hour" : duration.toHours() + " hours";
        }
        return duration.toSeconds() + " s";
    }
}
