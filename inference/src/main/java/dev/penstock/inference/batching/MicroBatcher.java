package dev.penstock.inference.batching;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers one pipeline's rows into batches, has them scored on other threads, and gives their outcomes back. A batch
 * is closed when it is full, when its first row has waited long enough, or when no further row comes: under load
 * batches fill, and on an idle stream a row is scored at once. It holds at most one batch for each version that is being
 * gathered and {@link BatchLimits#inFlight} that are being scored; beyond that {@link #hasRoom} says no, and whoever
 * feeds it waits.
 *
 * <p>Rows of several versions may come in any order: each version gathers its own, so that a version that is asked
 * seldom does not cut short the batches of the others. Where outcomes keep the order of their rows, those of one version
 * do; and those of all versions before a {@link #turn} leave before those after it.
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

    /** Being gathered, the oldest first; one for each version, so few. */
    private final List<Batch> open = new ArrayList<>();

    private long lastArrival;
    private long turn;
    private ClosingReason lastReason = ClosingReason.DRY;

    /**
     * @param scoring runs what it is given on threads beside the task's
     * @param task runs what it is given on the task's thread, between two records
     */
    public record Threads(Executor scoring, Executor task) {}

    private final class Batch {
        private final V version;
        private final long openedIn;
        private final List<R> rows = new ArrayList<>();
        private final long openedAt;
        private final int capacity;
        private ClosingReason reason = ClosingReason.SIZE;
        private long startedAt;
        private @Nullable List<O> done;

        Batch(V version, long openedAt, int capacity) {
            this.version = version;
            this.openedIn = turn;
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
        return closed.isEmpty();
    }

    /**
     * Adds a row, even if there is no room: whoever calls looks first.
     *
     * @return whether it is the first of a batch that is being gathered now, which somebody must look after
     */
    public boolean add(V version, R row) {
        long now = nanoTime.getAsLong();
        boolean isAlone = open.isEmpty() && started.isEmpty() && now - lastArrival >= QUIET_NANOS;
        lastArrival = now;
        Batch gathering = gathering(version);
        if (gathering == null) {
            gathering = new Batch(version, now, capacity(version));
            open.add(gathering);
        }
        gathering.rows.add(row);
        if (gathering.isFull()) {
            close(gathering, ClosingReason.SIZE);
        } else if (isAlone) {
            close(gathering, ClosingReason.DRY);
        }
        start();
        return gathering.rows.size() == 1 && open.contains(gathering);
    }

    private @Nullable Batch gathering(V version) {
        for (int index = 0; index < open.size(); index++) {
            Batch batch = open.get(index);
            if (batch.version.equals(version)) {
                return batch;
            }
        }
        return null;
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

    /** Adds a row that shares its batch with no other, and keeps its place among the rows of all versions. */
    public void addAlone(V version, R row) {
        closeAll(ClosingReason.FLUSH);
        turn++;
        lastArrival = nanoTime.getAsLong();
        Batch alone = new Batch(version, lastArrival, 1);
        alone.rows.add(row);
        open.add(alone);
        close(alone, ClosingReason.ALONE);
        turn++;
        start();
    }

    /** Closes what is being gathered, whatever its size. */
    public void flush() {
        closeAll(ClosingReason.FLUSH);
        start();
    }

    /**
     * From here on rows may go to other versions than rows like them did: what was added before leaves before what is
     * added after, whatever their versions.
     */
    public void turn() {
        closeAll(ClosingReason.VERSION);
        turn++;
        start();
    }

    /** Looks whether what is being gathered has waited long enough. */
    public void tick() {
        if (open.isEmpty() || idle.isEmpty()) {
            return; // Without a scorer it gathers on; whoever becomes idle looks again.
        }
        long now = nanoTime.getAsLong();
        boolean isQuiet = now - lastArrival >= QUIET_NANOS;
        // The oldest are the first, and there may be more of them than scorers.
        while (!open.isEmpty() && closed.size() < idle.size()) {
            Batch oldest = open.get(0);
            if (now - oldest.openedAt >= limits.age().toNanos()) {
                close(oldest, ClosingReason.AGE);
            } else if (isQuiet) {
                close(oldest, ClosingReason.DRY);
            } else {
                break;
            }
        }
        start();
    }

    /**
     * When {@link #tick} should be called next, in nanoseconds from now; negative if nothing waits for it. A stream that
     * filled its last batch will fill this one, and is not disturbed before its age.
     */
    public long nextTick() {
        if (open.isEmpty() || idle.isEmpty()) {
            return -1;
        }
        long age = Math.max(0, open.get(0).openedAt + limits.age().toNanos() - nanoTime.getAsLong());
        return lastReason == ClosingReason.SIZE ? age : Math.min(age, 2 * QUIET_NANOS);
    }

    /** Whether no row is here: none is gathered, none is being scored. */
    public boolean isEmpty() {
        return open.isEmpty() && closed.isEmpty() && started.isEmpty();
    }

    /** Batches that are being scored. */
    public int inFlight() {
        return started.size();
    }

    /** Whether rows of such a version are here. */
    public boolean holds(Predicate<V> version) {
        return Stream.of(open, closed, started)
                .flatMap(Collection::stream)
                .anyMatch(batch -> version.test(batch.version));
    }

    private void closeAll(ClosingReason reason) {
        while (!open.isEmpty()) {
            close(open.get(0), reason);
        }
    }

    private void close(Batch closing, ClosingReason reason) {
        closing.reason = reason;
        lastReason = reason;
        open.remove(closing);
        closed.add(closing);
    }

    private void start() {
        while (!closed.isEmpty() && !idle.isEmpty()) {
            long now = nanoTime.getAsLong();
            Batch batch = takeNext(now);
            Scorer<V, R, O> scorer = idle.remove();
            batch.startedAt = now;
            started.add(batch);
            listener.started(batch.reason, batch.rows.size(), padding(batch), batch.startedAt - batch.openedAt);
            threads.scoring().execute(() -> score(batch, scorer));
        }
    }

    /**
     * The first that was closed, unless one that is gathered still is older and due: a version that is asked seldom would
     * wait for ever beside one that fills every batch.
     */
    private Batch takeNext(long now) {
        Batch first = closed.element();
        if (!open.isEmpty()) {
            Batch oldest = open.get(0);
            if (oldest.openedIn == first.openedIn
                    && oldest.openedAt - first.openedAt < 0
                    && now - oldest.openedAt >= limits.age().toNanos()) {
                oldest.reason = ClosingReason.AGE;
                return open.remove(0);
            }
        }
        return closed.remove();
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
        for (Iterator<Batch> batches = started.iterator(); batches.hasNext(); ) {
            Batch batch = batches.next();
            List<O> done = batch.done;
            if (done != null && !isHeldUp(batch)) {
                batches.remove();
                emit(done);
            }
        }
    }

    /** Whether one that was closed before it must leave before it. */
    private boolean isHeldUp(Batch batch) {
        for (Batch before : started) {
            if (before == batch) {
                return false;
            }
            if (before.openedIn < batch.openedIn || before.version.equals(batch.version)) {
                return true;
            }
        }
        return false;
    }

    private void emit(List<O> done) {
        long start = nanoTime.getAsLong();
        done.forEach(outcomes);
        listener.emitted(done.size(), nanoTime.getAsLong() - start);
    }
}
