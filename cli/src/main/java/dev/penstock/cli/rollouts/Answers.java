package dev.penstock.cli.rollouts;

import dev.penstock.cli.connection.Connection;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for what comes of one command, from before it is given. The caller closes it. */
final class Answers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration FURTHER = Duration.ofMillis(500);
    private final RolloutCommand command;
    private final Consumer<byte[], byte[]> consumer;
    private final AvroDeserializer<RolloutEvent> events;
    private final AvroDeserializer<TrainingRun> runs;

    private Answers(
            RolloutCommand command,
            Consumer<byte[], byte[]> consumer,
            AvroDeserializer<RolloutEvent> events,
            AvroDeserializer<TrainingRun> runs) {
        this.command = command;
        this.consumer = consumer;
        this.events = events;
        this.runs = runs;
    }

    /** Returns once everything that is written from now on will be seen. */
    static Answers to(RolloutCommand command, Connection connection) {
        AvroDeserializer<RolloutEvent> events = AvroDeserializer.of(connection.registry(), RolloutEvent.class);
        AvroDeserializer<TrainingRun> runs = AvroDeserializer.of(connection.registry(), TrainingRun.class);
        Consumer<byte[], byte[]> consumer = connection.bytesConsumer();
        try {
            List<TopicPartition> partitions = Stream.of(Topic.ROLLOUT_HISTORY, Topic.TRAINING_RUNS)
                    .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            // Seeking is lazy: asking makes it happen now.
            partitions.forEach(consumer::position);
            return new Answers(command, consumer, events, runs);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** What came of it, in the order in which it was written; empty if nothing comes in time. */
    List<Answer> await(Duration patience) {
        List<Answer> answers = new ArrayList<>();
        long deadline = System.nanoTime() + patience.toNanos();
        do {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Optional<Answer> answer = answer(record);
                if (answer.isPresent()) {
                    answers.add(answer.get());
                    // A command may move two versions, and both are written together.
                    deadline = System.nanoTime() + FURTHER.toNanos();
                }
            }
        } while (System.nanoTime() < deadline);
        return answers;
    }

    private Optional<Answer> answer(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.topic().equals(Topic.ROLLOUT_HISTORY.topicName())) {
                return Optional.ofNullable(events.deserialize(record.topic(), record.value()))
                        .filter(event -> command.getCommandId().equals(event.getCommandId()))
                        .map(Answer::of);
            }
            return Optional.ofNullable(runs.deserialize(record.topic(), record.value()))
                    .filter(run -> run.getCommandIds().contains(command.getCommandId()))
                    .map(Answer::of);
        } catch (MalformedRecordException | UnknownSchemaException e) {
            LOG.warn("Left out: offset {} of {}: {}", record.offset(), record.topic(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
