package dev.penstock.retrain.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.TrainingCause;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ExampleReaderTest {
    private static final String TOPIC = "labelled-examples";
    private static final int SIZE = 100;
    private static final ExampleReader.Limits PLENTY =
            new ExampleReader.Limits(1_000, 1_000_000, Duration.ofSeconds(20));

    /** By partition, in the order of their offsets. */
    private final Map<Integer, List<LabelledExample>> topic = new HashMap<>();

    @Test
    void readsExactlyTheRangesAndOfEachRequestTheLatest() throws Exception {
        topic.put(
                0,
                List.of(
                        example("before", "ham"),
                        example("a", "ham"),
                        example("b", "ham"),
                        example("a", "spam"),
                        example("behind", "ham")));
        topic.put(1, List.of(example("c", "ham"), of("another-model", "d")));

        List<ExampleReader.Read> read =
                reader(PLENTY).read(order(7, new Range(0, 1, 3, 4), new Range(1, 0, 0, 2)), new Watch(false));

        assertThat(read)
                .extracting(one ->
                        one.example().getRequestId() + "=" + one.example().getLabel())
                .containsExactly("b=ham", "a=spam", "c=ham");
        assertThat(read).extracting(ExampleReader.Read::isNew).containsExactly(false, true, true);
    }

    @Test
    void aWordThatWasOverruledDoesNotComeBackIfARestartWritesItAgain() throws Exception {
        LabelledExample first = example("a", "ham");
        LabelledExample corrected = LabelledExample.newBuilder(example("a", "spam"))
                .setSaidAt(Fixtures.NOON.plusSeconds(1))
                .build();
        LabelledExample appealed = LabelledExample.newBuilder(example("b", "spam"))
                .setSource(FeedbackSource.APPEAL)
                .setSaidAt(Fixtures.NOON.minusSeconds(1))
                .build();
        LabelledExample anotherRequest = LabelledExample.newBuilder(example("c", "spam"))
                .setEventTime(Fixtures.NOON.plusSeconds(60))
                .setSaidAt(Fixtures.NOON.minusSeconds(1))
                .build();
        topic.put(
                0,
                List.of(first, corrected, first, appealed, example("b", "ham"), example("c", "ham"), anotherRequest));

        assertThat(reader(PLENTY).read(order(7, new Range(0, 0, 0, 7)), new Watch(false)))
                .extracting(one ->
                        one.example().getRequestId() + "=" + one.example().getLabel())
                .containsExactly("a=spam", "b=spam", "c=spam");
    }

    @Test
    void whatIsNewStaysBeforeWhatIsOldAndTheSameSeedKeepsTheSame() throws Exception {
        topic.put(
                0,
                IntStream.range(0, 100)
                        .mapToObj(number -> example("id-" + number, "ham"))
                        .toList());
        ExampleReader few = reader(new ExampleReader.Limits(30, 1_000_000, Duration.ofSeconds(20)));

        List<String> first = ids(few.read(order(7, new Range(0, 0, 80, 100)), new Watch(false)));
        List<String> again = ids(few.read(order(7, new Range(0, 0, 80, 100)), new Watch(false)));
        List<String> other = ids(few.read(order(8, new Range(0, 0, 80, 100)), new Watch(false)));

        assertThat(first).hasSize(30).isEqualTo(again).isNotEqualTo(other);
        assertThat(first)
                .containsAll(IntStream.range(80, 100)
                        .mapToObj(number -> "id-" + number)
                        .toList());
    }

    @Test
    void holdsNoMoreBytesThanItMay() throws Exception {
        topic.put(
                0,
                IntStream.range(0, 100)
                        .mapToObj(number -> example("id-" + number, "ham"))
                        .toList());
        ExampleReader small = reader(new ExampleReader.Limits(1_000, 10 * SIZE, Duration.ofSeconds(20)));

        assertThat(small.read(order(7, new Range(0, 0, 0, 100)), new Watch(false)))
                .hasSize(10);
    }

    @Test
    void stopsWhenItIsCancelled() {
        topic.put(0, List.of(example("a", "ham")));

        assertThatThrownBy(() -> reader(PLENTY).read(order(7, new Range(0, 0, 0, 1)), new Watch(true)))
                .isInstanceOf(CancelledRunException.class);
    }

    @Test
    void saysWhatDoesNotCome() {
        topic.put(0, List.of(example("a", "ham")));
        ExampleReader hasty = reader(new ExampleReader.Limits(1_000, 1_000_000, Duration.ofMillis(300)));

        assertThatThrownBy(() -> hasty.read(order(7, new Range(0, 0, 0, 9)), new Watch(false)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was not read to offset 9");
    }

    private static List<String> ids(List<ExampleReader.Read> read) {
        return read.stream().map(one -> one.example().getRequestId()).toList();
    }

    private ExampleReader reader(ExampleReader.Limits limits) {
        return new ExampleReader(this::consumer, limits);
    }

    /** Gives all that is left of the partition that it is at. */
    private MockConsumer<String, LabelledExample> consumer() {
        return new MockConsumer<>("earliest") {
            @Override
            public synchronized void assign(Collection<TopicPartition> partitions) {
                super.assign(partitions);
                partitions.forEach(partition -> updateBeginningOffsets(Map.of(partition, 0L)));
            }

            @Override
            public synchronized ConsumerRecords<String, LabelledExample> poll(Duration timeout) {
                TopicPartition partition = assignment().iterator().next();
                List<ConsumerRecord<String, LabelledExample>> left = records(partition, position(partition));
                seek(partition, position(partition) + left.size());
                return left.isEmpty()
                        ? ConsumerRecords.empty()
                        : new ConsumerRecords<>(Map.of(partition, left), Map.of());
            }
        };
    }

    private List<ConsumerRecord<String, LabelledExample>> records(TopicPartition partition, long from) {
        List<LabelledExample> examples = topic.getOrDefault(partition.partition(), List.of());
        List<ConsumerRecord<String, LabelledExample>> records = new ArrayList<>();
        for (int offset = (int) from; offset < examples.size(); offset++) {
            LabelledExample example = examples.get(offset);
            records.add(new ConsumerRecord<>(
                    TOPIC,
                    partition.partition(),
                    offset,
                    0L,
                    TimestampType.CREATE_TIME,
                    0,
                    SIZE,
                    example.getRequestId(),
                    example,
                    new RecordHeaders(),
                    Optional.empty()));
        }
        return records;
    }

    private static TrainingOrder order(long seed, Range... ranges) {
        return new TrainingOrder("spam", 2, 1, 1, TrainingCause.LABELS, List.of(ranges), seed, "", false, List.of());
    }

    private static LabelledExample example(String id, String label) {
        return LabelledExample.newBuilder(of("spam", id)).setLabel(label).build();
    }

    private static LabelledExample of(String model, String id) {
        return LabelledExample.newBuilder()
                .setRequestId(id)
                .setPipeline("spam")
                .setModel(model)
                .setEntityId("customer-7")
                .setEventTime(Fixtures.NOON)
                .setPayload(new TextPayload("win a prize now"))
                .setLabel("ham")
                .setSource(FeedbackSource.HUMAN)
                .setSaidAt(Fixtures.NOON)
                .setLabelledAt(Fixtures.NOON)
                .build();
    }

    private record Watch(boolean isCancelled) implements RunWatch {
        @Override
        public void learning(long step, long steps, double loss, double heldOutScore) {}

        @Override
        public void judging() {}
    }
}
