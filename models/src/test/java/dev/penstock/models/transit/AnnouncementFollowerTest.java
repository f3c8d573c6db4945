package dev.penstock.models.transit;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AnnouncementFollowerTest {
    private static final TopicPartition VERSIONS = new TopicPartition("model-versions", 0);

    private final BlockingQueue<ModelVersion> heard = new LinkedBlockingQueue<>();

    @Test
    void tellsOfTheHighestFirstAndThenOfEachThatComes() throws Exception {
        MockConsumer<String, ModelVersion> consumer =
                consumer(someModelVersion("spam", 1), someModelVersion("spam", 3), someModelVersion("spam", 2));

        try (AnnouncementFollower follower = new AnnouncementFollower(() -> consumer, heard::add)) {
            assertThat(List.of(heard.take(), heard.take(), heard.take()))
                    .extracting(ModelVersion::getVersion)
                    .containsExactly(3, 2, 1);

            consumer.schedulePollTask(() -> add(consumer, 3, someModelVersion("spam", 4)));
            assertThat(heard.take().getVersion()).isEqualTo(4);
        }
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void triesAgainWhenTheBrokersFailIt() throws Exception {
        AtomicInteger attempts = new AtomicInteger();

        try (AnnouncementFollower follower = new AnnouncementFollower(
                () -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new KafkaException("no broker answers");
                    }
                    return consumer(someModelVersion("spam", 1));
                },
                heard::add)) {
            assertThat(heard.take().getVersion()).isEqualTo(1);
        }
        assertThat(attempts).hasValue(2);
    }

    private static MockConsumer<String, ModelVersion> consumer(ModelVersion... announced) {
        MockConsumer<String, ModelVersion> consumer = new MockConsumer<>("earliest");
        Node broker = new Node(1, "localhost", 9092);
        consumer.updatePartitions(
                VERSIONS.topic(),
                List.of(new PartitionInfo(VERSIONS.topic(), 0, broker, new Node[] {broker}, new Node[] {broker})));
        consumer.updateBeginningOffsets(Map.of(VERSIONS, 0L));
        consumer.updateEndOffsets(Map.of(VERSIONS, (long) announced.length));
        consumer.schedulePollTask(() -> {
            for (int offset = 0; offset < announced.length; offset++) {
                add(consumer, offset, announced[offset]);
            }
        });
        return consumer;
    }

    private static void add(MockConsumer<String, ModelVersion> consumer, long offset, ModelVersion version) {
        consumer.addRecord(new ConsumerRecord<>(
                VERSIONS.topic(), 0, offset, version.getModel() + "/" + version.getVersion(), version));
    }
}
