package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.Partitions;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * How far ingest and the jobs are behind. What counts is how long the oldest unread record has been waiting: offsets
 * also count the ends of transactions, and jobs commit at their checkpoints only.
 */
final class LagCheck {
    private static final String INGEST = "penstock-ingest";
    private static final String INFERENCE = "penstock-inference";
    private static final String ROLLOUT = "penstock-rollout";
    private static final String RETRAIN = "penstock-retrain";
    /** Longer than checkpoints and restarts take. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(200);

    private final Connection connection;
    private final Optional<Pipelines> pipelines;
    private final Clock clock;

    LagCheck(Connection connection, Optional<Pipelines> pipelines, Clock clock) {
        this.connection = connection;
        this.pipelines = pipelines;
        this.clock = clock;
    }

    List<Finding> ingest(Admin admin) throws ExecutionException, InterruptedException {
        Set<String> sources = pipelines.map(Pipelines::withSource).orElse(List.of()).stream()
                .flatMap(pipeline -> pipeline.source().map(Source::topic).stream())
                .collect(Collectors.toSet());
        return look(admin, INGEST, sources);
    }

    List<Finding> inference(Admin admin) throws ExecutionException, InterruptedException {
        Set<String> requests = pipelines
                .map(known -> known.all().stream().map(pipeline -> pipeline.modality()))
                .orElseGet(() -> Stream.of(Modality.values()).filter(modality -> modality != Modality.UNKNOWN))
                .map(modality -> Topic.requestsOf(modality).topicName())
                .collect(Collectors.toSet());
        return look(admin, INFERENCE, requests);
    }

    /** What the rollout job has read: which topics that are is its own business. */
    List<Finding> rollout(Admin admin) throws ExecutionException, InterruptedException {
        return look(admin, ROLLOUT, Set.of());
    }

    /** What the retrain job has read: which topics that are is its own business. */
    List<Finding> retrain(Admin admin) throws ExecutionException, InterruptedException {
        return look(admin, RETRAIN, Set.of());
    }

    /** @param topics that the group is to read, whether it ever has or not */
    private List<Finding> look(Admin admin, String group, Set<String> topics)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> committed = committed(admin, group);
        Set<String> existing = admin.listTopics().names().get();
        Set<String> read = new HashSet<>(topics);
        committed.keySet().forEach(partition -> read.add(partition.topic()));
        read.retainAll(existing);
        if (read.isEmpty()) {
            return List.of(Finding.ok("group %s has nothing to read, or never ran".formatted(group)));
        }
        List<TopicPartition> partitions = Partitions.of(admin, read);
        Map<TopicPartition, Long> first = Partitions.offsets(admin, partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = Partitions.offsets(admin, partitions, OffsetSpec.latest());
        Map<TopicPartition, Long> unread = new HashMap<>();
        long behind = 0;
        for (TopicPartition partition : partitions) {
            long next = Math.max(first.get(partition), committed.getOrDefault(partition, 0L));
            if (next < end.get(partition)) {
                unread.put(partition, next);
                behind += end.get(partition) - next;
            }
        }
        OptionalLong oldest = unread.isEmpty() ? OptionalLong.empty() : oldest(unread, end);
        return List.of(
                finding(group, behind, oldest.isPresent() ? Optional.of(age(oldest.getAsLong())) : Optional.empty()));
    }

    static Finding finding(String group, long behind, Optional<Duration> oldest) {
        if (oldest.isEmpty()) {
            return Finding.ok("group %s has read everything".formatted(group));
        }
        String what = "group %s is up to %,d records behind, of which the oldest has waited for %s"
                .formatted(group, behind, Amounts.time(oldest.get()));
        return oldest.get().compareTo(LONG) <= 0
                ? Finding.ok(what)
                : Finding.warning(
                        what,
                        "Is it running, and does every model have a version? If it is only slow, give it more partitions and slots.");
    }

    private Duration age(long epochMillis) {
        Duration age = Duration.between(Instant.ofEpochMilli(epochMillis), clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** Timestamp of the oldest record that is really there; milliseconds since 1970. */
    private OptionalLong oldest(Map<TopicPartition, Long> from, Map<TopicPartition, Long> end) {
        OptionalLong oldest = OptionalLong.empty();
        Set<TopicPartition> open = new HashSet<>(from.keySet());
        try (Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            consumer.assign(open);
            from.forEach(consumer::seek);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!open.isEmpty() && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    // Only the first of a partition is of interest: the next ones are younger.
                    if (open.remove(new TopicPartition(record.topic(), record.partition()))) {
                        oldest = OptionalLong.of(Math.min(oldest.orElse(Long.MAX_VALUE), record.timestamp()));
                    }
                }
                open.removeIf(partition -> consumer.position(partition) >= end.get(partition));
                consumer.pause(consumer.assignment().stream()
                        .filter(partition -> !open.contains(partition))
                        .toList());
            }
        }
        return oldest;
    }

    private static Map<TopicPartition, Long> committed(Admin admin, String group)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        committed.forEach((partition, offset) -> {
            if (offset != null) {
                offsets.put(partition, offset.offset());
            }
        });
        return offsets;
    }
}
