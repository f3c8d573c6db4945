package dev.penstock.cli.demo.story;

import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.ingest.producer.Report;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sends what a {@link Reviewer} says when it is due, with the producer library, as any system would. */
public final class ReviewRoom implements AutoCloseable {
    private static final int LOOK_MILLIS = 50;
    private static final int STOP_SECONDS = 10;

    private final Reviewer reviewer;
    private final PenstockProducer producer;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "reviewers");
        made.setDaemon(true);
        return made;
    });
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Future<?> looking;

    private ReviewRoom(Reviewer reviewer, PenstockProducer producer, Clock clock) {
        this.reviewer = reviewer;
        this.producer = producer;
        this.clock = clock;
        this.looking = thread.scheduleWithFixedDelay(this::send, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** @param producer stays the caller's */
    public static ReviewRoom open(Reviewer reviewer, PenstockProducer producer, Clock clock) {
        return new ReviewRoom(reviewer, producer, clock);
    }

    /**
     * Sends reports at once, and returns when the brokers have all of them.
     *
     * @throws IllegalStateException if one is not taken
     */
    public static void sendNow(List<Report> reports, PenstockProducer producer) throws InterruptedException {
        try {
            for (var sent : reports.stream().map(producer::feedback).toList()) {
                sent.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Its failure is remembered.
    private void send() {
        try {
            for (Report report : reviewer.due(clock.instant())) {
                producer.feedback(report).whenComplete((sent, failed) -> {
                    if (failed != null) {
                        failure.compareAndSet(null, failed);
                    }
                });
            }
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
            throw e; // Ends the looking.
        }
    }

    /** @throws IllegalStateException if a report could not be sent */
    public void check() {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("Cannot send reviews: " + failed.getMessage(), failed);
        }
    }

    /** Nothing more is said from now on. */
    @Override
    public void close() {
        looking.cancel(false);
        thread.shutdown();
        try {
            thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
