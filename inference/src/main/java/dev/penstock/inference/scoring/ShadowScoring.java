package dev.penstock.inference.scoring;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.batching.Scorer;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a version on trial about requests that the champion answers, beside it: one batch at a time, on a thread of its
 * own, and only while the champion has no use for the processor. What it has no time for is shed: requests wait in a
 * bounded queue, and one that finds no place there is not asked about. Nothing here is promised: what is under way when
 * the task ends is lost. All methods are for the task's thread, on which outcomes are given too.
 */
final class ShadowScoring {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowScoring.class);
    static final int MOST_WAITING = 1_024;
    private static final long MOST_WAITING_BYTES = 16L * 1024 * 1024;

    private final int mostRows;
    private final Scorer<ServedModel, Request.Addressed, OutputRecord> scorer;
    private final MicroBatcher.Threads threads;
    private final BooleanSupplier isUnderPressure;
    private final Consumer<OutputRecord> outcomes;
    private final Counters counters;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private long queuedBytes;
    private @Nullable ServedModel underWay;
    private boolean ended;

    /**
     * What is counted.
     *
     * @param rows that were asked about, and answered or failed
     * @param shed rows for which there was no time
     */
    record Counters(Counter rows, Counter shed) {}

    private record Waiting(Request.Addressed request, ServedModel candidate) {}

    /**
     * @param mostRows in a batch
     * @param threads its scoring one must not be one that serves
     * @param isUnderPressure whether what is served could do with the processor
     */
    ShadowScoring(
            int mostRows,
            Scorer<ServedModel, Request.Addressed, OutputRecord> scorer,
            MicroBatcher.Threads threads,
            BooleanSupplier isUnderPressure,
            Counters counters,
            Consumer<OutputRecord> outcomes) {
        this.mostRows = mostRows;
        this.scorer = scorer;
        this.threads = threads;
        this.isUnderPressure = isUnderPressure;
        this.outcomes = outcomes;
        this.counters = counters;
    }

    /** Asks the candidate about it if there is time. */
    void offer(Request.Addressed request, ServedModel candidate) {
        long weight = request.record().weight();
        if (queue.size() >= MOST_WAITING || (!queue.isEmpty() && queuedBytes + weight > MOST_WAITING_BYTES)) {
            counters.shed().inc();
            return;
        }
        queue.add(new Waiting(request, candidate));
        queuedBytes += weight;
        start();
    }

    /** To be called when there may be time again. */
    void start() {
        if (ended || underWay != null || queue.isEmpty() || isUnderPressure.getAsBoolean()) {
            return;
        }
        ServedModel candidate = queue.element().candidate();
        List<Request.Addressed> batch = new ArrayList<>();
        while (batch.size() < mostRows
                && !queue.isEmpty()
                && queue.element().candidate().equals(candidate)) {
            Request.Addressed request = queue.remove().request();
            queuedBytes -= request.record().weight();
            batch.add(request);
        }
        underWay = candidate;
        threads.scoring().execute(() -> score(candidate, batch));
    }

    // On the shadow's thread.
    private void score(ServedModel candidate, List<Request.Addressed> batch) {
        List<OutputRecord> answers;
        try {
            answers = scorer.score(candidate, batch);
        } catch (RuntimeException | Error e) {
            LOG.warn(
                    "Leaving out {} answers of version {} of model '{}', which only shadows: {}",
                    batch.size(),
                    candidate.version().getVersion(),
                    candidate.version().getModel(),
                    e.toString());
            answers = List.of();
        }
        List<OutputRecord> done = answers;
        try {
            threads.task().execute(() -> finish(done, batch.size()));
        } catch (RejectedExecutionException e) {
            LOG.debug("The task is closing; its last shadows are lost", e);
        }
    }

    private void finish(List<OutputRecord> answers, int asked) {
        underWay = null;
        if (ended) {
            return;
        }
        counters.shed().inc(asked - answers.size());
        counters.rows().inc(answers.size());
        answers.forEach(outcomes);
        start();
    }

    /** Whether nobody is being asked, nor will be. */
    boolean isEmpty() {
        return underWay == null && queue.isEmpty();
    }

    /** No more outcomes are given: whatever was not answered is shed. */
    void end() {
        ended = true;
        counters.shed().inc(queue.size());
        queue.clear();
        queuedBytes = 0;
    }

    boolean holds(ServedModel served) {
        return served.equals(underWay)
                || queue.stream().anyMatch(waiting -> waiting.candidate().equals(served));
    }
}
