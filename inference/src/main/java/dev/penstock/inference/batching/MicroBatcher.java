package dev.penstock.inference.batching;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers one pipeline's rows into batches, has them scored on other threads, and gives their outcomes back. A batch
 * is closed when it is full, when its first row has waited long enough, or when no further row comes: under load
 * batches fill, and on an idle stream a row is scored at once. It holds at most one batch that is being gathered and
 * {@link BatchLimits#inFlight} that are being scored; beyond that {@link #hasRoom} says no, and whoever feeds it waits.
 *
 * <p>All methods are for the task's thread, on which outcomes are given too.
 *
 * @param <V> a model's version; a batch holds rows of one
 * @param <R> row
 * @param <O> outcome
 */
public final class MicroBatcher<V, R, O> {
    private static final Logger LOG = LoggerFactory.getLogger(MicroBatcher.class);
    /**
     * Without a row for this long a stream is taken to have run dry. Longer than the pauses of a stream that could fill
     * batches, shorter than anybody notices.
     */
    static final long QUIET_NANOS = 100_000;

    private final BatchLimits limits;
    private final Threads threads;
    private final LongSupplier nanoTime;
    private final BatchListener listener;
    private final Consumer<O> outcomes;
    private final BatchSizer sizer;

    /** Whom to ask about versions: they all know the same. */
    private final Scorer<V, R, O> anyScorer;

    private final Deque<Scorer<V, R, O>> idle = new ArrayDeque<>();
    /** Closed, and waiting for a scorer: more than one only when versions change faster than batches are scored. */
    private final Deque<Batch> closed = new ArrayDeque<>();
    /** In the order in which they were closed. */
    private final Deque<Batch> started = new ArrayDeque<>();

    private @Nullable Batch open;
    private long lastArrival;
    private ClosingReason lastReason = ClosingReason.DRY;

    /**
     * @param scoring runs what it is given on threads beside the task's
     * @param task runs what it is given on the task's thread, between two records
     */
    public record Threads(Executor scoring, Executor task) {}

    private final class Batch {
        private final V version;
        private final List<R> rows = new ArrayList<>();
        private final long openedAt;
        private final int capacity;
        private ClosingReason reason = ClosingReason.SIZE;
        private long startedAt;
        private @Nullable List<O> done;

        Batch(V version, long openedAt, int capacity) {
            this.version = version;
            this.openedAt = openedAt;
            this.capacity = capacity;
        }

        boolean isFull() {
            return rows.size() >= capacity;
        }
    }

    /**
     * @param scorers as many as batches may be in flight
     * @param nanoTime as {@link System#nanoTime}
     * @param outcomes takes every outcome
     */
    public MicroBatcher(
            BatchLimits limits,
            List<? extends Scorer<V, R, O>> scorers,
            Threads threads,
            LongSupplier nanoTime,
            BatchListener listener,
            Consumer<O> outcomes) {
        if (scorers.size() != limits.inFlight()) {
            throw new IllegalArgumentException(
                    "Cannot keep %d batches in flight with %d scorers".formatted(limits.inFlight(), scorers.size()));
        }
        this.limits = limits;
        this.threads = threads;
        this.nanoTime = nanoTime;
        this.listener = listener;
        this.outcomes = outcomes;
        this.sizer = BatchSizer.of(limits);
        this.lastArrival = nanoTime.getAsLong() - QUIET_NANOS;
        this.anyScorer = scorers.get(0);
        idle.addAll(scorers);
    }

    /** Whether another row may be added now; if not, when the next batch is done. */
    public boolean hasRoom() {
        return closed.isEmpty() && (open == null || !open.isFull());
    }

    /** Adds a row, even if there is no room: whoever calls looks first. */
    public void add(V version, R row) {
        if (open != null && !open.version.equals(version)) {
            close(ClosingReason.VERSION);
        }
        long now = nanoTime.getAsLong();
        boolean isAlone = open == null && started.isEmpty() && now - lastArrival >= QUIET_NANOS;
        lastArrival = now;
        Batch gathering = open;
        if (gathering == null) {
            gathering = new Batch(version, now, capacity(version));
            open = gathering;
        }
        gathering.rows.add(row);
        if (gathering.isFull()) {
            close(ClosingReason.SIZE);
        } else if (isAlone) {
            close(ClosingReason.DRY);
        }
        start();
    }

    /** As many rows as a batch may have, and no call of which would have to be filled up. */
    private int capacity(V version) {
        int rows = sizer.rows();
        int fixed = anyScorer.fixedRows(version).orElse(1);
        return fixed < rows ? rows - rows % fixed : rows;
    }

    private int padding(Batch batch) {
        int fixed = anyScorer.fixedRows(batch.version).orElse(1);
        int unfilled = batch.rows.size() % fixed;
        return unfilled == 0 ? 0 : fixed - unfilled;
    }

    /** Adds a row that shares its batch with no other. */
    public void addAlone(V version, R row) {
        close(ClosingReason.FLUSH);
        lastArrival = nanoTime.getAsLong();
        open = new Batch(version, lastArrival, 1);
        open.rows.add(row);
        close(ClosingReason.ALONE);
        start();
    }

    /** Closes what is being gathered, whatever its size. */
    public void flush() {
        close(ClosingReason.FLUSH);
        start();
    }

    /** Looks whether what is being gathered has waited long enough. */
    public void tick() {
        Batch gathering = open;
        if (gathering == null || idle.isEmpty()) {
            return; // Without a scorer it gathers on; whoever becomes idle looks again.
        }
        long now = nanoTime.getAsLong();
        if (now - gathering.openedAt >= limits.age().toNanos()) {
            close(ClosingReason.AGE);
        } else if (now - lastArrival >= QUIET_NANOS) {
            close(ClosingReason.DRY);
        }
        start();
    }

    /**
     * When {@link #tick} should be called next, in nanoseconds from now; negative if nothing waits for it. A stream that
     * filled its last batch will fill this one, and is not disturbed before its age.
     */
    public long nextTick() {
        Batch gathering = open;
        if (gathering == null || idle.isEmpty()) {
            return -1;
        }
        long age = Math.max(0, gathering.openedAt + limits.age().toNanos() - nanoTime.getAsLong());
        return lastReason == ClosingReason.SIZE ? age : Math.min(age, 2 * QUIET_NANOS);
    }

    /** Whether no row is here: none is gathered, none is being scored. */
    public boolean isEmpty() {
        return open == null && closed.isEmpty() && started.isEmpty();
    }

    /** Rows that are being gathered. */
    public int gathered() {
        return open == null ? 0 : open.rows.size();
    }

    /** Batches that are being scored. */
    public int inFlight() {
        return started.size();
    }

    /** Whether rows of the version are here. */
    public boolean holds(V version) {
        return (open != null && open.version.equals(version))
                || closed.stream().anyMatch(batch -> batch.version.equals(version))
                || started.stream().anyMatch(batch -> batch.version.equals(version));
    }

    private void close(ClosingReason reason) {
        Batch closing = open;
        if (closing != null) {
            closing.reason = reason;
            lastReason = reason;
            closed.add(closing);
            open = null;
        }
    }

    private void start() {
        while (!closed.isEmpty() && !idle.isEmpty()) {
            Batch batch = closed.remove();
            Scorer<V, R, O> scorer = idle.remove();
            batch.startedAt = nanoTime.getAsLong();
            started.add(batch);
            listener.started(batch.reason, batch.rows.size(), padding(batch), batch.startedAt - batch.openedAt);
            threads.scoring().execute(() -> score(batch, scorer));
        }
    }

    // On a scoring thread.
    private void score(Batch batch, Scorer<V, R, O> scorer) {
        try {
            List<O> done = scorer.score(batch.version, batch.rows);
            long scoredNanos = nanoTime.getAsLong() - batch.startedAt;
            onTaskThread(() -> finish(batch, scorer, done, scoredNanos));
        } catch (RuntimeException | Error e) {
            onTaskThread(() -> {
                throw e;
            });
        }
    }

    private void onTaskThread(Runnable work) {
        try {
            threads.task().execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("The task is closing; its last batches are scored again after a restart", e);
        }
    }

    private void finish(Batch batch, Scorer<V, R, O> scorer, List<O> done, long scoredNanos) {
        if (done.size() != batch.rows.size()) {
            throw new IllegalStateException(
                    "Cannot answer %d rows with %d outcomes".formatted(batch.rows.size(), done.size()));
        }
        listener.scored(done.size(), scoredNanos);
        sizer.scored(batch.isFull(), scoredNanos);
        batch.done = done;
        idle.add(scorer);
        // The next batch is on its way before the outcomes of this one are written.
        start();
        tick();
        if (limits.order() == BatchLimits.Order.FREE) {
            started.remove(batch);
            emit(done);
        } else {
            emitInOrder();
        }
    }

    private void emitInOrder() {
        for (Batch first = started.peek(); first != null; first = started.peek()) {
            List<O> done = first.done;
            if (done == null) {
                return;
            }
            started.remove();
            emit(done);
        }
    }

    private void emit(List<O> done) {
        long start = nanoTime.getAsLong();
        done.forEach(outcomes);
        listener.emitted(done.size(), nanoTime.getAsLong() - start);
    }
}
