package dev.penstock.models.transit;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
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
class TopicFollowerTest {
    private static final TopicPartition VERSIONS = new TopicPartition("model-versions", 0);

    private final BlockingQueue<List<ModelVersion>> began = new LinkedBlockingQueue<>();
    private final BlockingQueue<ModelVersion> came = new LinkedBlockingQueue<>();

    private final class Heard implements TopicFollower.Listener<ModelVersion> {
        @Override
        public void began(List<ModelVersion> values) {
            began.add(values);
        }

        @Override
        public void came(ModelVersion value) {
            came.add(value);
        }
    }

    @Test
    void tellsOfAllThatIsThereAndThenOfEachThatComes() throws Exception {
        MockConsumer<String, ModelVersion> consumer =
                consumer(someModelVersion("spam", 1), someModelVersion("spam", 3), someModelVersion("spam", 2));

        try (TopicFollower<ModelVersion> follower = following(() -> consumer)) {
            assertThat(began.take()).extracting(ModelVersion::getVersion).containsExactly(1, 3, 2);

            consumer.schedulePollTask(() -> add(consumer, 3, someModelVersion("spam", 4)));
            assertThat(came.take().getVersion()).isEqualTo(4);
        }
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void tellsOnlyTheNewestOfWhatCompactionHasNotReached() throws Exception {
        ModelVersion again = ModelVersion.newBuilder(someModelVersion("spam", 1))
                .setPublishedBy("somebody else")
                .build();
        MockConsumer<String, ModelVersion> consumer = consumer(someModelVersion("spam", 1), again);

        try (TopicFollower<ModelVersion> follower = following(() -> consumer)) {
            assertThat(began.take()).containsExactly(again);
        }
    }

    @Test
    void whatWasWrittenLateIsNotTheNewest() throws Exception {
        ModelVersion first = someModelVersion("spam", 1);
        ModelVersion newer = ModelVersion.newBuilder(first)
                .setPublishedAt(first.getPublishedAt().plusSeconds(2))
                .build();
        ModelVersion late = ModelVersion.newBuilder(first)
                .setPublishedAt(first.getPublishedAt().plusSeconds(1))
                .build();
        MockConsumer<String, ModelVersion> consumer = consumer(first, newer, late);

        try (TopicFollower<ModelVersion> follower = new TopicFollower<>(
                Topic.MODEL_VERSIONS,
                () -> consumer,
                new Heard(),
                Comparator.comparing(ModelVersion::getPublishedAt))) {
            assertThat(began.take()).containsExactly(newer);
        }
    }

    @Test
    void saysSoWhenThereIsNothing() throws Exception {
        MockConsumer<String, ModelVersion> consumer = consumer();

        try (TopicFollower<ModelVersion> follower = following(() -> consumer)) {
            assertThat(began.take()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource
    void beginsAnewWhateverFails(RuntimeException failure) throws Exception {
        AtomicInteger attempts = new AtomicInteger();

        try (TopicFollower<ModelVersion> follower = following(() -> {
            if (attempts.incrementAndGet() == 1) {
                throw failure;
            }
            return consumer(someModelVersion("spam", 1));
        })) {
            assertThat(began.take()).extracting(ModelVersion::getVersion).containsExactly(1);
        }
        assertThat(attempts).hasValue(2);
    }

    static Stream<RuntimeException> beginsAnewWhateverFails() {
        return Stream.of(
                new KafkaException("no broker answers"),
                new IllegalArgumentException("no such setting of the registry's client"));
    }

    @Test
    void endsWhenNobodyListensAnyMore() {
        MockConsumer<String, ModelVersion> consumer = consumer(someModelVersion("spam", 1));
        TopicFollower.Listener<ModelVersion> closing = new TopicFollower.Listener<>() {
            @Override
            public void began(List<ModelVersion> values) {
                throw new RejectedExecutionException("the task is closing");
            }

            @Override
            public void came(ModelVersion value) {
                throw new AssertionError("told after it was closed");
            }
        };

        try (TopicFollower<ModelVersion> follower =
                new TopicFollower<>(Topic.MODEL_VERSIONS, () -> consumer, closing)) {
            while (!consumer.closed()) {
                Thread.onSpinWait();
            }
        }
    }

    private TopicFollower<ModelVersion> following(Supplier<Consumer<String, ModelVersion>> consumers) {
        return new TopicFollower<>(Topic.MODEL_VERSIONS, consumers, new Heard());
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
