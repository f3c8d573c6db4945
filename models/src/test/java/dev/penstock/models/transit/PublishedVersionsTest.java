package dev.penstock.models.transit;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.ModelVersion;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class PublishedVersionsTest {
    private static final TopicPartition VERSIONS = new TopicPartition("model-versions", 0);

    private record Entry(String key, ModelVersion version) {
        static Entry of(String model, int version) {
            return new Entry(model + "/" + version, someModelVersion(model, version));
        }
    }

    @Test
    void listsVersionsByModelAndNumberWhateverTheOrderTheyCameIn() {
        PublishedVersions versions =
                published(Entry.of("spam", 10), Entry.of("fraud", 1), Entry.of("spam", 2), Entry.of("spam", 9));

        assertThat(versions.all())
                .containsExactly(
                        someModelVersion("fraud", 1),
                        someModelVersion("spam", 2),
                        someModelVersion("spam", 9),
                        someModelVersion("spam", 10));
        assertThat(versions.of("spam")).extracting(ModelVersion::getVersion).containsExactly(2, 9, 10);
        assertThat(versions.newest("spam")).contains(someModelVersion("spam", 10));
        assertThat(versions.newest("toxicity")).isEmpty();
    }

    @Test
    void takesTheNewestAnnouncementOfAVersionAndForgetsDeletedOnes() {
        ModelVersion again = ModelVersion.newBuilder(someModelVersion("spam", 1))
                .setPublishedBy("bob")
                .build();

        PublishedVersions versions = published(
                Entry.of("spam", 1), Entry.of("spam", 2), new Entry("spam/1", again), new Entry("spam/2", null));

        assertThat(versions.all()).containsExactly(again);
    }

    @Test
    void anEmptyTopicHasNone() {
        assertThat(published().all()).isEmpty();
    }

    @Test
    void saysThatTheBrokersDoNotAnswer() {
        PublishedVersions versions = new PublishedVersions(() -> consumer(List.of(), 1), Duration.ofMillis(20));

        assertThatThrownBy(versions::all)
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("topic 'model-versions' was not read to its end within PT0.02S");
    }

    private static PublishedVersions published(Entry... entries) {
        return new PublishedVersions(() -> consumer(Arrays.asList(entries), entries.length));
    }

    private static MockConsumer<String, ModelVersion> consumer(List<Entry> entries, long end) {
        MockConsumer<String, ModelVersion> consumer = new MockConsumer<>("earliest");
        Node broker = new Node(1, "localhost", 9092);
        consumer.updatePartitions(
                VERSIONS.topic(),
                List.of(new PartitionInfo(VERSIONS.topic(), 0, broker, new Node[] {broker}, new Node[] {broker})));
        consumer.updateBeginningOffsets(Map.of(VERSIONS, 0L));
        consumer.updateEndOffsets(Map.of(VERSIONS, end));
        consumer.schedulePollTask(() -> {
            long offset = 0;
            for (Entry entry : entries) {
                consumer.addRecord(new ConsumerRecord<>(VERSIONS.topic(), 0, offset++, entry.key(), entry.version()));
            }
        });
        return consumer;
    }
}
