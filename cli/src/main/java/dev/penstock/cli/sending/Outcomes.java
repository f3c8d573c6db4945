package dev.penstock.cli.sending;

import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads what becomes of requests from the moment it is opened, on a thread of its own. An outcome is found by the place
 * of its request: ids may have been used before.
 */
final class Outcomes implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final AvroDeserializer<Prediction> predictions;
    private final Map<Origin, Arrival> arrivals = new HashMap<>();
    private final Thread thread;
    private @Nullable RuntimeException failure;

    /** @param nanoTime when it was seen here, by {@link System#nanoTime} */
    record Arrival(Outcome outcome, long nanoTime) {}

    /**
     * Returns once everything that is written from now on will be seen.
     *
     * @param consumer without a group; closed here
     */
    Outcomes(Consumer<byte[], byte[]> consumer, AvroDeserializer<Prediction> predictions) {
        this.consumer = consumer;
        this.predictions = predictions;
        List<TopicPartition> partitions = Stream.of(Topic.PREDICTIONS, Topic.DEAD_LETTERS)
                .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Seeking is lazy: asking makes it happen now.
        partitions.forEach(consumer::position);
        this.thread = new Thread(this::read, "outcomes");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Waits until all have an outcome or the time is over.
     *
     * @return those that have one, by the place of the request
     */
    synchronized Map<Origin, Arrival> await(Set<Origin> requests, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!arrivals.keySet().containsAll(requests)) {
            if (failure != null) {
                throw new IllegalStateException("Cannot read outcomes: " + failure.getMessage(), failure);
            }
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                break;
            }
            wait(millis);
        }
        Map<Origin, Arrival> found = new HashMap<>(arrivals);
        found.keySet().retainAll(requests);
        return found;
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    enter(record);
                }
            }
        } catch (WakeupException e) {
            return; // Asked to end.
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void enter(ConsumerRecord<byte[], byte[]> record) {
        long now = System.nanoTime();
        if (record.topic().equals(Topic.DEAD_LETTERS.topicName())) {
            deadLetter(record.headers()).ifPresent(letter -> arrive(letter.from(), Outcome.of(letter), now));
            return;
        }
        Prediction prediction = predictions.deserialize(record.topic(), record.value());
        // A shadow's opinion is nobody's answer.
        if (prediction != null && prediction.getVariant() != Variant.SHADOW) {
            arrive(prediction.getOrigin(), Outcome.of(prediction), now);
        }
    }

    private static Optional<DeadLetter> deadLetter(Headers headers) {
        try {
            return Optional.of(DeadLetter.read(headers));
        } catch (IllegalArgumentException e) {
            // Somebody else's, and so not about a request of ours.
            return Optional.empty();
        }
    }

    /** A repeat after a restart says nothing new. */
    private synchronized void arrive(Origin request, Outcome outcome, long nanoTime) {
        arrivals.putIfAbsent(request, new Arrival(outcome, nanoTime));
        notifyAll();
    }

    private synchronized void fail(RuntimeException cause) {
        failure = cause;
        notifyAll();
    }
}
