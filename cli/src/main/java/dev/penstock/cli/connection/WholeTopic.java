package dev.penstock.cli.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that one of the platform's smaller topics holds now. */
public final class WholeTopic<T extends SpecificRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(WholeTopic.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final Topic topic;
    private final Class<T> type;

    /** @param topic that exists, of values of that type */
    public WholeTopic(Connection connection, Topic topic, Class<T> type) {
        this.connection = connection;
        this.topic = topic;
        this.type = type;
    }

    /**
     * The values whose keys are wanted; those of one key in the order in which they were written. What cannot be read is
     * left out, with a line in the log.
     *
     * @throws CommandException if the brokers do not answer
     */
    public List<T> read(Predicate<String> keys) {
        List<T> values = new ArrayList<>();
        AvroDeserializer<T> deserializer = AvroDeserializer.of(connection.registry(), type);
        try (Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    deadline = System.nanoTime() + PATIENCE.toNanos();
                } else if (System.nanoTime() > deadline) {
                    throw CommandException.failed(
                            "Cannot read '%s' to its end: nothing came for %d seconds"
                                    .formatted(topic.topicName(), PATIENCE.toSeconds()),
                            "Do its brokers run? 'penstock doctor' looks.",
                            null);
                }
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.key() != null && keys.test(new String(record.key(), UTF_8))) {
                        add(values, deserializer, record);
                    }
                }
            }
        }
        return values;
    }

    private void add(List<T> values, AvroDeserializer<T> deserializer, ConsumerRecord<byte[], byte[]> record) {
        try {
            T value = deserializer.deserialize(record.topic(), record.value());
            if (value != null) {
                values.add(value);
            }
        } catch (MalformedRecordException | UnknownSchemaException e) {
            LOG.warn(
                    "Left out: offset {} of partition {} of {}: {}",
                    record.offset(),
                    record.partition(),
                    record.topic(),
                    e.getMessage());
        }
    }
}
