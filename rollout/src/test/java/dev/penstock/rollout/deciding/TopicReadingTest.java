package dev.penstock.rollout.deciding;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.RecordDeserializationException.DeserializationExceptionOrigin;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class TopicReadingTest {
    private static final String TOPIC = "model-versions";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @Test
    void stepsOverWhatCanNeverBeDecoded() {
        assertThat(read(malformed())).containsExactly(2);
    }

    @Test
    void doesNotStepOverWhatTheRegistryDoesNotAnswerFor() {
        KafkaException away = new KafkaException("the registry does not answer");

        assertThatThrownBy(() -> read(away)).hasCause(away);
    }

    /** The versions in a topic whose first record cannot be decoded. */
    private static List<Integer> read(RuntimeException cause) {
        MockConsumer<String, ModelVersion> consumer = new MockConsumer<>("earliest");
        consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, Node.noNode(), new Node[0], new Node[0])));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.updateEndOffsets(Map.of(PARTITION, 2L));
        consumer.setPollException(new RecordDeserializationException(
                DeserializationExceptionOrigin.VALUE,
                PARTITION,
                0,
                0,
                TimestampType.CREATE_TIME,
                null,
                null,
                new RecordHeaders(),
                "Cannot deserialize",
                cause));
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(
                () -> consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, 1, "spam-2", someModelVersion("spam", 2))));
        List<Integer> read = new ArrayList<>();
        TopicReading.read(
                consumer, TOPIC, null, record -> read.add(record.value().getVersion()));
        return read;
    }

    private static RuntimeException malformed() {
        try {
            AvroDeserializer.of(SchemaRegistry.connect("mock://topic-reading"), ModelVersion.class)
                    .deserialize(TOPIC, "garbage".getBytes(UTF_8));
            throw new AssertionError("garbage was read");
        } catch (RuntimeException e) {
            return e;
        }
    }
}
