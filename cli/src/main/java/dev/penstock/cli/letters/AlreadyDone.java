package dev.penstock.cli.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.Partitions;
import dev.penstock.cli.connection.RecordsBetween;
import dev.penstock.cli.letters.Judged.RequestName;
import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Finds letters that must not be sent again: those whose requests have a prediction by now, and those that were sent again
 * and wait to be read. Otherwise a letter that is replayed twice would be answered twice, perhaps by two versions.
 */
final class AlreadyDone {
    /** More would take many minutes. */
    private static final long MOST_RECORDS = 5_000_000;

    private final Connection connection;

    AlreadyDone(Connection connection) {
        this.connection = connection;
    }

    /** The same, but for what is done already. */
    List<Judged> without(List<Judged> judged) throws InterruptedException {
        List<Judged.Sendable> sendable =
                judged.stream().flatMap(each -> each.sendable().stream()).toList();
        if (sendable.isEmpty()) {
            return judged;
        }
        try (Admin admin = connection.admin();
                Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            Map<RequestName, String> answers = answers(sendable, admin, consumer);
            Set<String> underWay = underWay(sendable, admin, consumer);
            List<Judged> remaining = new ArrayList<>();
            for (Judged each : judged) {
                remaining.add(
                        each.sendable().isPresent() ? still(each.sendable().get(), answers, underWay) : each);
            }
            return remaining;
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot tell which dead letters were dealt with: %s"
                            .formatted(e.getCause().getMessage()),
                    "Check what this user may do there: 'penstock access' lists what an operator needs.",
                    e);
        }
    }

    private static Judged still(Judged.Sendable sendable, Map<RequestName, String> answers, Set<String> underWay) {
        for (RequestName request : sendable.requests()) {
            String answer = answers.get(request);
            if (answer != null) {
                return Judged.done(
                        sendable.letter(),
                        "request '%s' of pipeline '%s' was answered by then: prediction %s"
                                .formatted(request.requestId(), request.pipeline(), answer));
            }
        }
        return underWay.contains(sendable.letter().place().toString())
                ? Judged.done(sendable.letter(), "it was sent again, and waits to be read")
                : sendable;
    }

    /** Ids of predictions that were written since the letters, of their requests. */
    private Map<RequestName, String> answers(
            List<Judged.Sendable> sendable, Admin admin, Consumer<byte[], byte[]> consumer)
            throws ExecutionException, InterruptedException {
        Set<RequestName> wanted = new HashSet<>();
        Set<String> ids = new HashSet<>();
        long since = Long.MAX_VALUE;
        for (Judged.Sendable each : sendable) {
            wanted.addAll(each.requests());
            each.requests().forEach(request -> ids.add(request.requestId()));
            since = Math.min(since, each.letter().time().toEpochMilli());
        }
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(connection.registry(), Prediction.class);
        RecordsBetween predictions =
                RecordsBetween.since(since, Partitions.of(admin, Set.of(Topic.PREDICTIONS.topicName())), consumer);
        requireFew(predictions, "predictions since the oldest of these letters", "Choose newer ones with --since.");
        Map<RequestName, String> answers = new HashMap<>();
        predictions.read(consumer, record -> {
            // The key tells most apart without decoding.
            if (record.key() == null || !ids.contains(new String(record.key(), UTF_8))) {
                return;
            }
            Prediction prediction = deserializer.deserialize(record.topic(), record.value());
            if (prediction != null && prediction.getVariant() != Variant.SHADOW) {
                RequestName request = new RequestName(prediction.getPipeline(), prediction.getRequestId());
                if (wanted.contains(request)) {
                    answers.put(request, prediction.getPredictionId());
                }
            }
        });
        return answers;
    }

    /** Places of letters that lie, sent again, where ingest or inference has not read yet. */
    private Set<String> underWay(List<Judged.Sendable> sendable, Admin admin, Consumer<byte[], byte[]> consumer)
            throws ExecutionException, InterruptedException {
        Set<TopicPartition> targets = new HashSet<>();
        sendable.forEach(each -> targets.add(each.target()));
        Map<TopicPartition, Long> read = new HashMap<>();
        for (Application reader : List.of(Application.INGEST, Application.INFERENCE)) {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(reader.group())
                    .partitionsToOffsetAndMetadata()
                    .get();
            committed.forEach((partition, offset) -> {
                if (offset != null) {
                    read.put(partition, offset.offset());
                }
            });
        }
        Map<TopicPartition, Long> from = new HashMap<>(Partitions.offsets(admin, targets, OffsetSpec.earliest()));
        from.replaceAll((partition, first) -> Math.max(first, read.getOrDefault(partition, 0L)));
        Map<TopicPartition, Long> until = Partitions.offsets(admin, targets, OffsetSpec.latest());
        // What was committed may be ahead of a topic that was made anew.
        from.replaceAll((partition, start) -> Math.min(start, until.get(partition)));
        RecordsBetween unread = new RecordsBetween(from, until);
        requireFew(unread, "unread records before the ends of " + targets, "Wait until the jobs have caught up.");
        Set<String> places = new HashSet<>();
        unread.read(consumer, record -> {
            Header replay = record.headers().lastHeader(DeadLetter.REPLAY_OF);
            if (replay != null && replay.value() != null) {
                places.add(new String(replay.value(), UTF_8));
            }
        });
        return places;
    }

    private static void requireFew(RecordsBetween records, String what, String remedy) {
        if (records.count() > MOST_RECORDS) {
            throw CommandException.failed(
                    "Cannot look through %,d %s: that is more than %,d".formatted(records.count(), what, MOST_RECORDS),
                    remedy,
                    null);
        }
    }
}
