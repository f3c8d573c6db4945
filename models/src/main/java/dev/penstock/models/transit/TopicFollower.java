package dev.penstock.models.transit;

import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.Polling;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of everything in a small compacted topic, such as {@code model-versions} or {@code rollouts}: first of all that
 * it holds already, and then of each record as it comes. Brokers that are away are waited for; after that it begins
 * anew.
 *
 * @param <T> value
 */
public final class TopicFollower<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
    /** The longest that a quiet topic is waited for in one go; what comes is told at once. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Topic topic;
    private final Supplier<Consumer<String, T>> consumers;
    private final Listener<T> listener;
    private final Comparator<T> order;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer<String, T> reading;

    /** Told on a thread of the follower's. */
    public interface Listener<T> {
        /**
         * The topic was read to the end that it had when reading began; told once more after a fault.
         *
         * @param values the newest of each key, as the follower's order has it; may be none
         */
        void began(List<T> values);

        /** One more came after that. */
        void came(T value);
    }

    /**
     * Starts at once. Of one key the last value is the newest.
     *
     * @param consumers makes one for each attempt, without a group; it is closed here
     */
    public TopicFollower(Topic topic, Supplier<Consumer<String, T>> consumers, Listener<T> listener) {
        this(topic, consumers, listener, (unusedOne, unusedOther) -> 0);
    }

    /**
     * The same for values that may be written late.
     *
     * @param order of the values of one key, the newest last; of equal ones the last in the topic is the newest. What comes
     *     after the beginning is told of all the same: the listener knows what it has heard
     */
    public TopicFollower(
            Topic topic, Supplier<Consumer<String, T>> consumers, Listener<T> listener, Comparator<T> order) {
        this.topic = topic;
        this.consumers = consumers;
        this.listener = listener;
        this.order = order;
        this.thread = new Thread(this::followUntilClosed, "following-" + topic.topicName());
        thread.setDaemon(true);
        thread.start();
    }

    private void followUntilClosed() {
        while (closed.getCount() > 0) {
            try (Consumer<String, T> consumer = consumers.get()) {
                reading = consumer;
                follow(consumer);
            } catch (WakeupException e) {
                LOG.debug("Woken to be closed", e);
            } catch (InterruptException | RejectedExecutionException e) {
                LOG.debug("Nobody listens any more", e);
                return;
            } catch (RuntimeException e) {
                // Whatever it is: a follower that ended here would leave its task in the dark, and nobody told.
                LOG.warn("Waiting to read topic '{}', trying again: {}", topic.topicName(), e.toString());
                pause();
            } finally {
                reading = null;
            }
        }
    }

    private void follow(Consumer<String, T> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new IllegalStateException("there is no topic '%s'; create the topics".formatted(topic.topicName()));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<String, T> already = new LinkedHashMap<>();
        while (closed.getCount() > 0 && isBefore(ends, consumer)) {
            for (ConsumerRecord<String, T> record : Polling.poll(consumer, POLL)) {
                if (record.value() == null) {
                    already.remove(record.key());
                } else {
                    already.merge(record.key(), record.value(), (before, late) -> newer(record, before, late));
                }
            }
        }
        if (closed.getCount() > 0) {
            listener.began(List.copyOf(already.values()));
        }
        while (closed.getCount() > 0) {
            for (ConsumerRecord<String, T> record : Polling.poll(consumer, POLL)) {
                if (record.value() != null) {
                    listener.came(record.value());
                }
            }
        }
    }

    private T newer(ConsumerRecord<String, T> record, T before, T late) {
        if (order.compare(late, before) >= 0) {
            return late;
        }
        LOG.warn(
                "Leaving out '{}' at offset {} of topic '{}': it is older than what was written before it",
                record.key(),
                record.offset(),
                topic.topicName());
        return before;
    }

    private static boolean isBefore(Map<TopicPartition, Long> ends, Consumer<?, ?> consumer) {
        return ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue());
    }

    private void pause() {
        try {
            boolean unused = closed.await(RETRY_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nothing is told any more once this returns, unless its listener takes long. */
    @Override
    public void close() {
        closed.countDown();
        Consumer<String, T> consumer = reading;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
