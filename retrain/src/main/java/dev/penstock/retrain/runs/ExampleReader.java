package dev.penstock.retrain.runs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.Polling;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads exactly the examples that an order names: of each request the newest word within its ranges, whatever a restart
 * wrote again after it. Where there are more than
 * fit, those that no version has learned from stay before the others, and of each kind a sample by hash, so that the same
 * order always has the same examples, in the same order.
 *
 * <p>Thread-safe.
 */
public final class ExampleReader {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleReader.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final char SEPARATOR = '\u001f';

    private final Supplier<Consumer<String, LabelledExample>> consumers;
    private final Limits limits;

    /**
     * @param most examples
     * @param bytes of their records, together
     * @param patience how long the next record is waited for
     */
    public record Limits(int most, long bytes, Duration patience) implements Serializable {}

    /**
     * What was read.
     *
     * @param isNew whether no version has learned from it
     */
    public record Read(LabelledExample example, boolean isNew) {
        static List<LabelledExample> all(List<Read> read, boolean areNew) {
            return read.stream()
                    .filter(one -> one.isNew == areNew)
                    .map(Read::example)
                    .toList();
        }
    }

    /** @param consumers makes one for each reading, without a group; it is closed here */
    public ExampleReader(Supplier<Consumer<String, LabelledExample>> consumers, Limits limits) {
        this.consumers = consumers;
        this.limits = limits;
    }

    /**
     * In the order of the topic, partition by partition.
     *
     * @throws IOException if records do not come in time
     * @throws CancelledRunException if it is cancelled meanwhile
     */
    public List<Read> read(TrainingOrder order, RunWatch watch) throws IOException {
        Chosen chosen = new Chosen(order.seed(), limits);
        try (Consumer<String, LabelledExample> consumer = consumers.get()) {
            // One after the other, so that examples come in the same order each time.
            for (Range range : order.ranges()) {
                if (range.to() > range.from()) {
                    read(order.model(), range, consumer, chosen, watch);
                }
            }
        }
        return chosen.all();
    }

    private void read(
            String model, Range range, Consumer<String, LabelledExample> consumer, Chosen chosen, RunWatch watch)
            throws IOException {
        TopicPartition partition = new TopicPartition(Topic.LABELLED_EXAMPLES.topicName(), range.partition());
        consumer.assign(List.of(partition));
        seek(consumer, partition, range.from());
        long deadline = deadline();
        while (consumer.position(partition) < range.to()) {
            if (watch.isCancelled()) {
                throw new CancelledRunException("Cancelled while it read examples");
            }
            ConsumerRecords<String, LabelledExample> records = Polling.poll(consumer, POLL);
            for (ConsumerRecord<String, LabelledExample> record : records) {
                LabelledExample example = record.value();
                if (example != null && example.getModel().equals(model) && record.offset() < range.to()) {
                    chosen.offer(
                            example,
                            record.offset() >= range.newFrom(),
                            record.partition(),
                            record.offset(),
                            record.serializedValueSize());
                }
            }
            if (!records.isEmpty()) {
                deadline = deadline();
            } else if (System.nanoTime() > deadline) {
                throw new IOException(
                        "Cannot read examples of model '%s': %s was not read to offset %d within %s; check that the brokers run and the topic is complete"
                                .formatted(model, partition, range.to(), limits.patience()));
            }
        }
    }

    private long deadline() {
        return System.nanoTime() + limits.patience().toNanos();
    }

    /** What the topic keeps no longer cannot be learned from. */
    private static void seek(Consumer<String, LabelledExample> consumer, TopicPartition partition, long from) {
        long start = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        if (start > from) {
            LOG.warn(
                    "Reading {} from offset {} instead of {}: what lies before is not kept any more",
                    partition,
                    start,
                    from);
        }
        consumer.seek(partition, Math.max(start, from));
    }

    /**
     * A sample of bounded size: of more than fit, those with the lowest hashes stay (bottom-k sampling), which has nothing to
     * do with what they are.
     */
    private static final class Chosen {
        private final Limits limits;
        private final long seed;
        private final MessageDigest digest;
        private final Map<String, Place> places = new HashMap<>();
        private final TreeMap<Place, Kept> kept = new TreeMap<>(Place.ORDER);
        private long bytes;

        /** Where an example stands; the last leaves first. */
        private record Place(boolean isNew, long hash, String key) {
            static final Comparator<Place> ORDER = Comparator.comparing((Place place) -> !place.isNew)
                    .thenComparingLong(Place::hash)
                    .thenComparing(Place::key);
        }

        private record Kept(LabelledExample example, boolean isNew, int partition, long offset, int bytes) {}

        Chosen(long seed, Limits limits) {
            this.seed = seed;
            this.limits = limits;
            try {
                this.digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Cannot sample examples: this Java has no SHA-256", e);
            }
        }

        void offer(LabelledExample example, boolean isNew, int partition, long offset, int size) {
            String key = example.getPipeline() + SEPARATOR + example.getRequestId();
            Place before = places.get(key);
            if (before != null) {
                if (isOverruled(example, kept.get(before).example())) {
                    return;
                }
                places.remove(key);
                bytes -= remove(before).bytes();
            }
            Place place = new Place(isNew, hash(key), key);
            places.put(key, place);
            kept.put(place, new Kept(example, isNew, partition, offset, size));
            bytes += size;
            while (kept.size() > limits.most() || (bytes > limits.bytes() && kept.size() > 1)) {
                Place last = kept.lastKey();
                places.remove(last.key());
                bytes -= remove(last).bytes();
            }
        }

        /** As the join decides it: what it has overruled it may write again after a failure, and that comes last. */
        private static boolean isOverruled(LabelledExample example, LabelledExample by) {
            if (!example.getEventTime().equals(by.getEventTime())) {
                return false; // Another request with an old id.
            }
            int order = example.getSource().compareTo(by.getSource());
            return order < 0 || (order == 0 && example.getSaidAt().isBefore(by.getSaidAt()));
        }

        private Kept remove(Place place) {
            Kept removed = kept.remove(place);
            if (removed == null) {
                throw new IllegalStateException("Cannot drop example '%s': it is not there".formatted(place.key()));
            }
            return removed;
        }

        private long hash(String key) {
            byte[] hash = digest.digest(("sample" + SEPARATOR + seed + SEPARATOR + key).getBytes(UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        }

        List<Read> all() {
            return kept.values().stream()
                    .sorted(Comparator.comparingInt(Kept::partition).thenComparingLong(Kept::offset))
                    .map(one -> new Read(one.example(), one.isNew()))
                    .toList();
        }
    }
}
