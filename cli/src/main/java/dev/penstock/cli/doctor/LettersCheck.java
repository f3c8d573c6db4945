package dev.penstock.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.Partitions;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** What the platform complained about in the last day: records that it could not use, and alerts. */
final class LettersCheck {
    private static final Duration RECENT = Duration.ofDays(1);
    private static final int MOST_ALERTS = 5;

    private final Connection connection;
    private final Clock clock;

    LettersCheck(Connection connection, Clock clock) {
        this.connection = connection;
        this.clock = clock;
    }

    List<Finding> deadLetters(Admin admin) throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = partitions(admin, Topic.DEAD_LETTERS);
        if (partitions.isEmpty()) {
            return List.of();
        }
        RecentRecords<byte[]> recent;
        try (Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            recent = RecentRecords.since(dayAgo(), partitions, admin, consumer);
        }
        if (recent.records().isEmpty()) {
            return List.of(Finding.ok("none in the last day"));
        }
        Map<String, Long> byCode = recent.records().stream()
                .collect(Collectors.groupingBy(record -> code(record.headers()), TreeMap::new, Collectors.counting()));
        String codes = byCode.entrySet().stream()
                .map(entry -> "%,d %s".formatted(entry.getValue(), entry.getKey()))
                .collect(Collectors.joining(", "));
        String what = recent.records().size() < recent.count()
                ? "up to %,d in the last day; the newest %,d are %s"
                        .formatted(recent.count(), recent.records().size(), codes)
                : "%,d in the last day: %s".formatted(recent.records().size(), codes);
        return List.of(Finding.warning(what, "Each says why: penstock dead-letters list --since P1D"));
    }

    List<Finding> alerts(Admin admin) throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = partitions(admin, Topic.ALERTS);
        if (partitions.isEmpty()) {
            return List.of();
        }
        RecentRecords<Alert> recent;
        try (Consumer<String, Alert> consumer = connection.consumer(Alert.class)) {
            recent = RecentRecords.since(dayAgo(), partitions, admin, consumer);
        }
        // The newest of each kind, the newest kind last.
        Map<String, Alert> newest = new LinkedHashMap<>();
        for (ConsumerRecord<?, Alert> record : recent.records()) {
            Alert alert = record.value();
            String kind = "%s %s %s".formatted(alert.getModel(), alert.getModelVersion(), alert.getCode());
            newest.remove(kind);
            newest.put(kind, alert);
        }
        if (newest.isEmpty()) {
            return List.of(Finding.ok("none in the last day"));
        }
        return newest.values().stream()
                .skip(Math.max(0, newest.size() - MOST_ALERTS))
                .map(alert -> Finding.warning(
                        "%s ago from %s, model %s: %s"
                                .formatted(
                                        Amounts.time(Duration.between(alert.getRaisedAt(), clock.instant())),
                                        alert.getRaisedBy(),
                                        alert.getModel(),
                                        alert.getMessage()),
                        "All of them: penstock watch alerts --from-beginning --until-end"))
                .toList();
    }

    private long dayAgo() {
        return clock.instant().minus(RECENT).toEpochMilli();
    }

    private static String code(Headers headers) {
        Header code = headers.lastHeader(DeadLetter.CODE);
        return code == null || code.value() == null ? "without a code" : new String(code.value(), UTF_8);
    }

    private static List<TopicPartition> partitions(Admin admin, Topic topic)
            throws ExecutionException, InterruptedException {
        String name = topic.topicName();
        if (!admin.listTopics().names().get().contains(name)) {
            return List.of();
        }
        return Partitions.of(admin, Set.of(name));
    }
}
