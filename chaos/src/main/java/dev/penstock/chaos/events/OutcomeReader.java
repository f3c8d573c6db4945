package dev.penstock.chaos.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.chaos.judging.Judge;
import dev.penstock.chaos.judging.Outcome;
import dev.penstock.chaos.judging.Recoveries;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads what is committed in the topics of requests, predictions and dead letters, in a thread of its own, and tells
 * the judge.
 */
public final class OutcomeReader implements AutoCloseable {
    private static final List<Topic> READ = List.of(Topic.REQUESTS_RECORD, Topic.PREDICTIONS, Topic.DEAD_LETTERS);

    private final Payments payments;
    private final Ledger ledger;
    private final Judge judge;
    private final Recoveries recoveries;
    private final Clock clock;
    private final AvroDeserializer<Prediction> predictions;
    private final AvroDeserializer<InferenceRequest> requests;
    private final KafkaConsumer<String, byte[]> consumer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread thread;

    public OutcomeReader(
            String brokers,
            SchemaRegistry registry,
            Payments payments,
            Ledger ledger,
            Judge judge,
            Recoveries recoveries,
            Clock clock) {
        this.payments = payments;
        this.ledger = ledger;
        this.judge = judge;
        this.recoveries = recoveries;
        this.clock = clock;
        this.predictions = AvroDeserializer.of(registry, Prediction.class);
        this.requests = AvroDeserializer.ofRequests(registry);
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        // It shares processors with what it watches; a fifth of a second is nothing to a recovery.
                        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
                        "262144",
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        "200"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        this.thread = new Thread(this::run, "outcomes");
        thread.setDaemon(true);
    }

    public void start() {
        List<TopicPartition> partitions = READ.stream()
                .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        thread.start();
    }

    /** @throws IllegalStateException if it could not read */
    public void requireSound() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("Cannot read further outcomes: " + cause.getMessage(), cause);
        }
    }

    private void run() {
        try (consumer) {
            while (!Thread.currentThread().isInterrupted()) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    tell(record, clock.instant());
                }
            }
        } catch (WakeupException e) {
            // It was closed.
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private void tell(ConsumerRecord<String, byte[]> record, Instant seenAt) {
        Topic topic = Topic.named(record.topic()).orElseThrow();
        switch (topic) {
            case REQUESTS_RECORD -> {
                InferenceRequest request =
                        Objects.requireNonNull(requests.deserialize(record.topic(), record.value()), "a request");
                judge.requested(Payments.number(request.getRequestId()), request.getEntityId(), record.partition());
            }
            case PREDICTIONS -> {
                Prediction prediction =
                        Objects.requireNonNull(predictions.deserialize(record.topic(), record.value()), "a prediction");
                long number = Payments.number(prediction.getRequestId());
                judge.saw(new Outcome.Predicted(
                        number,
                        prediction.getEntityId(),
                        record.partition(),
                        prediction.getModelVersion(),
                        prediction.getVariant() != Variant.CHAMPION,
                        prediction.getTiming().getRequestedAt()));
                // A dead letter of ingest's would only show that ingest lives.
                if (number >= 0 && number < ledger.count()) {
                    recoveries.outcome(payments.partition(number), ledger.sentAt(number), seenAt);
                }
            }
            default -> judge.saw(buried(record));
        }
    }

    private static Outcome buried(ConsumerRecord<String, byte[]> record) {
        DeadLetter letter = DeadLetter.read(record.headers());
        long number = Optional.ofNullable(record.headers().lastHeader(Payments.NUMBER))
                .map(Header::value)
                .map(value -> Long.parseLong(new String(value, UTF_8)))
                .orElseGet(() -> letter.requestId().map(Payments::number).orElse(-1L));
        return new Outcome.Buried(number, letter.code() + ": " + letter.reason());
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.interrupt();
        thread.join(Duration.ofSeconds(10).toMillis());
    }
}
