package dev.penstock.inference.batching;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A task whose clock, scoring threads and mailbox move only when the test says so. */
final class BatchingTask {
    final Deque<Runnable> scoring = new ArrayDeque<>();
    final Deque<Runnable> mailbox = new ArrayDeque<>();
    final List<String> outcomes = new ArrayList<>();
    final List<List<String>> batches = new ArrayList<>();
    final List<ClosingReason> reasons = new ArrayList<>();
    final List<Integer> paddings = new ArrayList<>();
    /** Of every version; 0 where any number will do. */
    int fixedRows;

    final MicroBatcher<String, String, String> batcher;
    private long now = 1;
    private Duration scoringTime = Duration.ZERO;

    BatchingTask(BatchLimits limits) {
        batcher = new MicroBatcher<>(
                limits,
                Stream.<Scorer<String, String, String>>generate(Scoring::new)
                        .limit(limits.inFlight())
                        .toList(),
                new MicroBatcher.Threads(scoring::add, mailbox::add),
                () -> now,
                new BatchListener() {
                    @Override
                    public void started(ClosingReason reason, int rows, int padding, long waitedNanos) {
                        reasons.add(reason);
                        paddings.add(padding);
                    }

                    @Override
                    public void scored(int rows, long scoredNanos) {}

                    @Override
                    public void emitted(int rows, long emittedNanos) {}
                },
                outcomes::add);
    }

    static BatchLimits limits(int rows, int inFlight, BatchLimits.Order order) {
        return new BatchLimits(rows, Duration.ofMillis(2), inFlight, order, Duration.ZERO);
    }

    /** A row that comes right after the last one. */
    void add(String version, String row) {
        batcher.add(version, row);
    }

    /** A row that comes after a pause. */
    void addAlone(String version, String row) {
        pass(Duration.ofSeconds(1));
        batcher.add(version, row);
    }

    void pass(Duration time) {
        now += time.toNanos();
    }

    /** Lets the batches that are waiting for a thread take this long. */
    void scoringTakes(Duration time) {
        scoringTime = time;
    }

    /** Runs one batch and tells the task. */
    void scoreNext() {
        scoring.remove().run();
        runMailbox();
    }

    /** Runs everything that is under way. */
    void scoreAll() {
        while (!scoring.isEmpty() || !mailbox.isEmpty()) {
            if (!scoring.isEmpty()) {
                scoring.remove().run();
            }
            runMailbox();
        }
    }

    void runMailbox() {
        while (!mailbox.isEmpty()) {
            mailbox.remove().run();
        }
    }

    private final class Scoring implements Scorer<String, String, String> {
        @Override
        public List<String> score(String version, List<String> rows) {
            pass(scoringTime);
            batches.add(List.copyOf(rows));
            return rows.stream().map(row -> row + "@" + version).toList();
        }

        @Override
        public OptionalInt fixedRows(String version) {
            return fixedRows == 0 ? OptionalInt.empty() : OptionalInt.of(fixedRows);
        }
    }
}
