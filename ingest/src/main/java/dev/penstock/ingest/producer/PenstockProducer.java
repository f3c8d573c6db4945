package dev.penstock.ingest.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.ingest.limits.RecordSize;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes requests straight into {@code requests.<modality>}, without the way through a topic of one's own and ingest, and
 * into {@code feedback} what they turned out to be. Thread-safe: one for each process is enough.
 *
 * <pre>{@code
 * ProducerSettings settings = ProducerSettings.of("localhost:9092", URI.create("http://localhost:8081"));
 * try (PenstockProducer producer = PenstockProducer.connect(settings)) {
 *     Request request = Request.text("spam", "customer-7", "You have won")
 *             .attribute("country", "CH")
 *             .build();
 *     producer.send(request)
 *             .thenAccept(sent -> LOG.info("Request {} is at {}", sent.requestId(), sent.position()));
 *     // Days later, and from anywhere else:
 *     producer.feedback(Report.of("spam", request.id(), "ham", FeedbackSource.APPEAL).by("customer care"));
 * }
 * }</pre>
 *
 * <p>Each request is written once, however often the connection breaks, and those of one entity in the order of their
 * sends. Nobody looks for duplicates: what is sent twice is scored twice, with the same prediction id if it has the same
 * request id. A send waits while the buffer is full; so a producer that is faster than the brokers is slowed down.
 */
public final class PenstockProducer implements AutoCloseable {
    private final Producer<byte[], byte[]> producer;
    private final ProducerSettings settings;
    private final Clock clock;
    /** Serializers are for one thread at a time, and sends may come from many. */
    private final ThreadLocal<AvroSerializer<SpecificRecord>> serializer;

    private final AtomicBoolean closed = new AtomicBoolean();

    PenstockProducer(
            Producer<byte[], byte[]> producer, SchemaRegistry registry, ProducerSettings settings, Clock clock) {
        this.producer = producer;
        this.settings = settings;
        this.clock = clock;
        this.serializer = ThreadLocal.withInitial(() -> new AvroSerializer<>(registry));
    }

    /** Prepares the connections; whether anybody answers is seen at the first send. */
    public static PenstockProducer connect(ProducerSettings settings) {
        SchemaRegistry registry = SchemaRegistry.connect(
                settings.registry().toString(), settings.registrySettings(), settings.maxBlock());
        return new PenstockProducer(
                new KafkaProducer<>(settings.toKafka(), new ByteArraySerializer(), new ByteArraySerializer()),
                registry,
                settings,
                Clock.systemUTC());
    }

    /**
     * Sends a request. Returns when it is in the buffer; the future completes when the brokers have it, or exceptionally
     * with {@link NotSentException}. Futures complete on the connection's thread: do not block in them.
     *
     * @throws IllegalArgumentException if it is larger than its topic takes; nothing is sent
     * @throws IllegalStateException if this producer is closed
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException if the registry does not answer within max-block, at
     *     the first request of a kind
     */
    public CompletableFuture<Sent> send(Request request) {
        requireOpen(request);
        return send(
                request,
                request.topic(),
                request.entityId(),
                request.toRecord(clock.instant()),
                request.id(),
                "send less, such as a smaller image");
    }

    /**
     * Says what a request really was, so that features that look back count it and models learn from it. Returns and
     * fails as {@link #send} does. Sending the same report again changes nothing; whether the pipeline and the label
     * exist is not looked up.
     *
     * @return the future's value names the request, and the position of the feedback
     * @throws IllegalStateException if this producer is closed
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException if the registry does not answer within max-block, at
     *     the first report
     */
    public CompletableFuture<Sent> feedback(Report report) {
        requireOpen(report);
        return send(
                report,
                Topic.FEEDBACK,
                report.requestId(),
                report.toRecord(clock.instant()),
                report.requestId(),
                "name the pipeline more briefly");
    }

    private void requireOpen(Object what) {
        if (closed.get()) {
            throw new IllegalStateException("Cannot send %s: the producer is closed".formatted(what));
        }
    }

    /**
     * @param what a request or a report, for messages
     * @param remedy if it is too large
     */
    @SuppressWarnings("FutureReturnValueIgnored") // The callback hears of every outcome.
    private CompletableFuture<Sent> send(
            Object what, Topic topic, String keyText, SpecificRecord record, String requestId, String remedy) {
        byte[] key = keyText.getBytes(UTF_8);
        byte[] value = serializer.get().serialize(topic.topicName(), record);
        long bytes = RecordSize.upperBound(key, value, new RecordHeaders());
        if (bytes > topic.largestRecordBytes()) {
            throw new IllegalArgumentException("Cannot send %s: it has %,d bytes, and topic '%s' takes %,d; %s"
                    .formatted(what, bytes, topic.topicName(), topic.largestRecordBytes(), remedy));
        }
        CompletableFuture<Sent> sent = new CompletableFuture<>();
        try {
            producer.send(new ProducerRecord<>(topic.topicName(), key, value), (metadata, failure) -> {
                if (failure == null) {
                    sent.complete(
                            new Sent(requestId, new Origin(metadata.topic(), metadata.partition(), metadata.offset())));
                } else {
                    sent.completeExceptionally(notSent(what, failure));
                }
            });
        } catch (KafkaException e) {
            sent.completeExceptionally(notSent(what, e));
        }
        return sent;
    }

    private NotSentException notSent(Object what, Exception failure) {
        String reason = failure instanceof TimeoutException
                ? "the brokers at %s did not take it (%s), with max-block %s, delivery-timeout %s and a buffer of %s; send slower or check that they run"
                        .formatted(
                                settings.brokers(),
                                failure.getMessage(),
                                settings.maxBlock(),
                                settings.deliveryTimeout(),
                                settings.buffer())
                : failure.toString();
        return new NotSentException("Cannot send %s: %s".formatted(what, reason), failure);
    }

    /** Waits until everything that was sent before is delivered or has failed. */
    public void flush() {
        producer.flush();
    }

    /** Flushes and closes, within the delivery timeout. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            producer.close(settings.deliveryTimeout().plus(Duration.ofSeconds(1)));
        }
    }
}
