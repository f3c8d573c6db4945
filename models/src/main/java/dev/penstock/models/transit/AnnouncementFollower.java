package dev.penstock.models.transit;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
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
 * Hears of every version in {@code model-versions}: first of all that are announced already, the highest of each model
 * first, and then of each one as it comes. Brokers that are away are waited for; after that some announcements are
 * heard again.
 */
public final class AnnouncementFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AnnouncementFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Supplier<Consumer<String, ModelVersion>> consumers;
    private final java.util.function.Consumer<ModelVersion> listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer<String, ModelVersion> reading;

    /**
     * Starts at once.
     *
     * @param consumers makes one for each attempt, without a group; it is closed here
     * @param listener told on a thread of this follower's
     */
    public AnnouncementFollower(
            Supplier<Consumer<String, ModelVersion>> consumers, java.util.function.Consumer<ModelVersion> listener) {
        this.consumers = consumers;
        this.listener = listener;
        this.thread = new Thread(this::followUntilClosed, "model-announcements");
        thread.setDaemon(true);
        thread.start();
    }

    private void followUntilClosed() {
        while (closed.getCount() > 0) {
            try (Consumer<String, ModelVersion> consumer = consumers.get()) {
                reading = consumer;
                follow(consumer);
            } catch (WakeupException e) {
                LOG.debug("Woken to be closed", e);
            } catch (InterruptException | RejectedExecutionException e) {
                LOG.debug("Nobody listens any more", e);
                return;
            } catch (RuntimeException e) {
                // Whatever it is: a follower that ended here would leave its task without versions, and nobody told.
                LOG.warn("Waiting for announced model versions, trying again: {}", e.toString());
                pause();
            } finally {
                reading = null;
            }
        }
    }

    private void follow(Consumer<String, ModelVersion> consumer) {
        String topic = Topic.MODEL_VERSIONS.topicName();
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new IllegalStateException("there is no topic '%s'; create the topics".formatted(topic));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<String, ModelVersion> already = new LinkedHashMap<>();
        while (closed.getCount() > 0
                && ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<String, ModelVersion> record : Polling.poll(consumer, POLL)) {
                if (record.value() == null) {
                    already.remove(record.key());
                } else {
                    already.put(record.key(), record.value());
                }
            }
        }
        List<ModelVersion> highestFirst = new ArrayList<>(already.values());
        highestFirst.sort(Comparator.comparing(ModelVersion::getVersion).reversed());
        highestFirst.forEach(listener);
        while (closed.getCount() > 0) {
            for (ConsumerRecord<String, ModelVersion> record : Polling.poll(consumer, POLL)) {
                if (record.value() != null) {
                    listener.accept(record.value());
                }
            }
        }
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
        Consumer<String, ModelVersion> consumer = reading;
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
