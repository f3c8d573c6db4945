package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.producer.Producer;

/** Sends the events of all pipelines side by side, each at its pace. The caller closes it. */
final class EventStream implements AutoCloseable {
    /** Without any change for so long, what has no outcome will not get one. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private static final int LOOK_MILLIS = 50;

    private final Map<DemoPipeline, Sender> senders = new LinkedHashMap<>();
    private final List<Future<?>> sending = new ArrayList<>();
    private final ExecutorService threads;

    EventStream(List<DemoPipeline> pipelines, Producer<String, byte[]> producer, SchemaRegistry registry) {
        pipelines.forEach(pipeline -> senders.put(
                pipeline, new Sender(pipeline.source(), pipeline.ledger(), producer, registry, Clock.systemUTC())));
        threads = Executors.newFixedThreadPool(Math.max(1, pipelines.size()));
    }

    /** Sends the first event of a model's pipeline at once. */
    void sendFirst(String model) {
        senders.forEach((pipeline, sender) -> {
            if (pipeline.name().equals(model)) {
                sender.send(pipeline.events().subList(0, 1), pipeline.perSecond());
            }
        });
    }

    /** Begins to send all events but the first. */
    void start() {
        senders.keySet().forEach(this::start);
    }

    /** Begins to send all events of one pipeline but the first. */
    void start(DemoPipeline pipeline) {
        Sender sender = senders.get(pipeline);
        List<DemoEvent> rest = pipeline.events().subList(1, pipeline.events().size());
        sending.add(threads.submit(() -> sender.send(rest, pipeline.perSecond())));
    }

    /** Whether all were sent of the pipelines that were started. */
    boolean isDone() {
        return sending.stream().allMatch(Future::isDone);
    }

    /**
     * Sends nothing more, and returns when the brokers have what was sent.
     *
     * @throws IllegalStateException if they refused an event
     */
    void stop() throws InterruptedException {
        senders.values().forEach(Sender::stop);
        awaitSent();
    }

    /** @throws IllegalStateException if the brokers refused an event */
    void awaitSent() throws InterruptedException {
        try {
            for (Future<?> sent : sending) {
                sent.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    /**
     * Returns when every event has its outcome, or nothing has happened for a while.
     *
     * @param dropped how many repetitions of a pipeline were dropped so far, as far as that is known
     */
    void settle(Observer observer, ToLongFunction<DemoPipeline> dropped) throws InterruptedException {
        long lastChange = System.nanoTime();
        int lastCount = -1;
        while (System.nanoTime() - lastChange < SILENCE.toNanos()) {
            observer.check();
            if (senders.keySet().stream()
                    .allMatch(pipeline -> pipeline.ledger().isSettled()
                            && dropped.applyAsLong(pipeline)
                                    >= pipeline.ledger().repetitionsWithoutOutcome())) {
                return;
            }
            int count = senders.keySet().stream()
                    .map(pipeline -> pipeline.ledger().tally())
                    .mapToInt(tally -> tally.predicted() + tally.deadLettered())
                    .sum();
            if (count != lastCount) {
                lastCount = count;
                lastChange = System.nanoTime();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
