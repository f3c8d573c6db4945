package dev.penstock.bench.kafka;

import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
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
import org.jspecify.annotations.Nullable;

/** What a topic of predictions, or of requests, got since this was made. */
public final class Answers {
    /** Every so manieth is decoded as a whole; keys and lengths tell the rest. */
    private static final int DECODED_EVERY = 97;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Platform platform;
    private final String topic;
    private final Map<TopicPartition, Long> starts;
    private final AvroDeserializer<Prediction> predictions;
    private final AvroDeserializer<InferenceRequest> requests;

    /** What the answers are. */
    public enum Kind {
        PREDICTIONS,
        REQUESTS
    }

    public Answers(Platform platform, String topic) throws InterruptedException {
        this.platform = platform;
        this.topic = topic;
        this.starts = platform.ends(topic);
        this.predictions = AvroDeserializer.of(platform.schemas(), Prediction.class);
        this.requests = AvroDeserializer.of(platform.schemas(), InferenceRequest.class);
    }

    /** How many there are now, those that are not committed and the few marks of transactions included. */
    public long count() throws InterruptedException {
        return platform.ends(topic).entrySet().stream()
                .mapToLong(end -> end.getValue() - starts.get(end.getKey()))
                .sum();
    }

    /**
     * Waits until a {@code read_committed} consumer sees as many.
     *
     * @throws IllegalStateException if no further one is committed for a minute
     */
    public void awaitCommitted(int requests) {
        int seen = 0;
        long progressed = System.nanoTime();
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            while (seen < requests) {
                int more = consumer.poll(Duration.ofSeconds(1)).count();
                seen += more;
                if (more > 0) {
                    progressed = System.nanoTime();
                } else if (System.nanoTime() - progressed > PATIENCE.toNanos()) {
                    throw new IllegalStateException(
                            "Cannot count this run: %d of %d answers were committed, and no more for %s"
                                    .formatted(seen, requests, PATIENCE));
                }
            }
        }
    }

    private KafkaConsumer<String, byte[]> consumer() {
        KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.brokers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(starts.keySet());
        starts.forEach(consumer::seek);
        return consumer;
    }

    /**
     * Reads them all, as a {@code read_committed} consumer.
     *
     * @throws IllegalStateException if one of the requests was answered twice or never, or an answer is no decision
     */
    public void requireEachOnce(int requests, Kind kind) throws InterruptedException {
        BitSet answered = new BitSet(requests);
        Map<TopicPartition, Long> ends = platform.ends(topic);
        int read = 0;
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    answered.set(Integer.parseInt(record.key()));
                    if (read++ % DECODED_EVERY == 0) {
                        require(kind, record);
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

    private void require(Kind kind, ConsumerRecord<String, byte[]> record) {
        if (kind == Kind.PREDICTIONS) {
            requireDecision(predictions.deserialize(topic, record.value()), record);
            return;
        }
        InferenceRequest request = requests.deserialize(topic, record.value());
        if (request == null || !request.getRequestId().equals(record.key())) {
            throw new IllegalStateException(
                    "Cannot count this run: request %s became %s".formatted(record.key(), request));
        }
    }

    private static void requireDecision(@Nullable Prediction prediction, ConsumerRecord<String, byte[]> record) {
        if (prediction == null
                || !prediction.getRequestId().equals(record.key())
                || !(prediction.getOutcome() instanceof Decision)
                || prediction.getScores().isEmpty()) {
            throw new IllegalStateException(
                    "Cannot count this run: the answer to request %s is %s".formatted(record.key(), prediction));
        }
    }
}
