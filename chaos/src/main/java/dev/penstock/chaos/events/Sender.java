package dev.penstock.chaos.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.chaos.judging.Judge;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends payments at a steady rate, in a thread of its own, and tells the judge which of them the brokers have
 * acknowledged. Its producer is idempotent and waits for all replicas, so what is acknowledged is in the topic once.
 */
public final class Sender implements AutoCloseable {
    /** Brokers that are away are waited for; longer than any fault lasts. */
    private static final Duration DELIVERY = Duration.ofMinutes(30);

    private static final Duration LONGEST_NAP = Duration.ofMillis(5);

    private final Payments payments;
    private final Ledger ledger;
    private final Judge judge;
    private final Clock clock;
    private final double rate;
    private final KafkaProducer<String, byte[]> producer;
    private final AvroSerializer<GenericRecord> serializer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread thread;

    /**
     * @param rate events a second
     * @param wanted whether a further event is, by how many there are already
     */
    public Sender(
            String brokers,
            SchemaRegistry registry,
            Payments payments,
            Ledger ledger,
            Judge judge,
            Clock clock,
            double rate,
            LongPredicate wanted) {
        this.payments = payments;
        this.ledger = ledger;
        this.judge = judge;
        this.clock = clock;
        this.rate = rate;
        this.serializer = new AvroSerializer<>(registry);
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        "true",
                        // A topic that is new may refuse the first batch, take the second, and then never the first.
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        "1",
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        Long.toString(DELIVERY.toMillis()),
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        Long.toString(DELIVERY.toMillis()),
                        ProducerConfig.LINGER_MS_CONFIG,
                        "20"),
                new StringSerializer(),
                new ByteArraySerializer());
        this.thread = new Thread(() -> run(wanted), "sender");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Waits until no further event is wanted and the brokers have answered for each. */
    public void awaitEnd() throws InterruptedException {
        thread.join();
        requireSound();
    }

    /** @throws IllegalStateException if it could not send */
    public void requireSound() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("Cannot send further events: " + cause.getMessage(), cause);
        }
    }

    private void run(LongPredicate wanted) {
        try {
            long start = System.nanoTime();
            while (wanted.test(ledger.count())) {
                long due = (long) ((System.nanoTime() - start) / 1e9 * rate) - ledger.count();
                if (due > rate) {
                    // After brokers were away it goes on at its rate and makes nothing up.
                    start = System.nanoTime() - (long) (ledger.count() / rate * 1e9);
                }
                if (due <= 0) {
                    Thread.sleep(LONGEST_NAP.toMillis());
                } else {
                    send();
                }
            }
            producer.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The callback sees every failure.
    private void send() {
        Instant now = clock.instant();
        long number = ledger.next(now);
        Payments.Kind kind = payments.kind(number);
        if (kind == Payments.Kind.GOOD) {
            judge.sentGood(number);
        } else {
            judge.sentBad(number);
        }
        byte[] value = kind == Payments.Kind.GARBAGE
                ? payments.garbage(number)
                : serializer.serialize(Payments.TOPIC, payments.record(number, now));
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                Payments.TOPIC,
                payments.partition(number),
                payments.entity(number),
                value,
                List.of(new RecordHeader(Payments.NUMBER, Long.toString(number).getBytes(UTF_8))));
        producer.send(record, (metadata, e) -> Optional.ofNullable(e)
                .ifPresentOrElse(refusal -> failure.compareAndSet(null, refusal), () -> judge.acknowledged(number)));
    }

    @Override
    public void close() {
        thread.interrupt();
        producer.close(Duration.ofSeconds(5));
    }
}
