package dev.penstock.bench.kafka;

import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What a topic of predictions got since this was made. */
public final class Answers {
    /** Every so manieth is decoded as a whole; keys and lengths tell the rest. */
    private static final int DECODED_EVERY = 97;

    private final Platform platform;
    private final String topic;
    private final Map<TopicPartition, Long> starts;

    public Answers(Platform platform, String topic) throws InterruptedException {
        this.platform = platform;
        this.topic = topic;
        this.starts = platform.ends(topic);
    }

    /** How many there are now. */
    public long count() throws InterruptedException {
        return platform.ends(topic).entrySet().stream()
                .mapToLong(end -> end.getValue() - starts.get(end.getKey()))
                .sum();
    }

    /**
     * Reads them all, as a {@code read_committed} consumer.
     *
     * @throws IllegalStateException if one of the requests was answered twice or never, or an answer is no decision
     */
    public void requireEachOnce(int requests) throws InterruptedException {
        BitSet answered = new BitSet(requests);
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(platform.schemas(), Prediction.class);
        Map<TopicPartition, Long> ends = platform.ends(topic);
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                platform.brokers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed");
        int read = 0;
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(ends.keySet());
            starts.forEach(consumer::seek);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    answered.set(Integer.parseInt(record.key()));
                    if (read++ % DECODED_EVERY == 0) {
                        requireDecision(deserializer.deserialize(topic, record.value()), record);
                    }
                }
            }
        }
        if (read != requests || answered.cardinality() != requests) {
            throw new IllegalStateException(
                    "Cannot count this run: of %d requests %d were answered, in %d predictions; each must be once"
                            .formatted(requests, answered.cardinality(), read));
        }
    }

    private static void requireDecision(Prediction prediction, ConsumerRecord<String, byte[]> record) {
        if (!prediction.getRequestId().equals(record.key())
                || !(prediction.getOutcome() instanceof Decision)
                || prediction.getScores().isEmpty()) {
            throw new IllegalStateException(
                    "Cannot count this run: the answer to request %s is %s".formatted(record.key(), prediction));
        }
    }
}
