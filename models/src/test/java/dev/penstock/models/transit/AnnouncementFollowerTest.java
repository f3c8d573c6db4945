package dev.penstock.models.transit;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

    @ParameterizedTest
    @MethodSource
    void triesAgainWhateverFails(RuntimeException failure) throws Exception {
        AtomicInteger attempts = new AtomicInteger();

        try (AnnouncementFollower follower = new AnnouncementFollower(
                () -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw failure;
                    }
                    return consumer(someModelVersion("spam", 1));
                },
                heard::add)) {
            assertThat(heard.take().getVersion()).isEqualTo(1);
        }
        assertThat(attempts).hasValue(2);
    }

    static Stream<RuntimeException> triesAgainWhateverFails() {
        return Stream.of(
                new KafkaException("no broker answers"),
                new IllegalArgumentException("no such setting of the registry's client"));
    }

    @Test
    void endsWhenNobodyListensAnyMore() throws Exception {
        MockConsumer<String, ModelVersion> consumer = consumer(someModelVersion("spam", 1));

        try (AnnouncementFollower follower = new AnnouncementFollower(() -> consumer, version -> {
            throw new RejectedExecutionException("the task is closing");
        })) {
            while (!consumer.closed()) {
                Thread.onSpinWait();
            }
        }
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
