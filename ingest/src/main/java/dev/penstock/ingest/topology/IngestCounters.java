package dev.penstock.ingest.topology;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of events in this process since it started, by pipeline. Thread-safe. Events that are processed again
 * after a failure count again, although topics hold them once.
 */
public final class IngestCounters {
    private final ConcurrentMap<String, Tally> tallies = new ConcurrentHashMap<>();

    /**
     * @param accepted became requests
     * @param rejected became dead letters, by why; codes that did not occur are absent
     * @param duplicates were dropped because their id was seen before
     */
    public record Counts(long accepted, Map<DeadLetterCode, Long> rejected, long duplicates) {
        public Counts {
            rejected = Map.copyOf(rejected);
        }

        public long rejectedInAll() {
            return rejected.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static final class Tally {
        private final LongAdder accepted = new LongAdder();
        private final LongAdder duplicates = new LongAdder();
        private final ConcurrentMap<DeadLetterCode, LongAdder> rejected = new ConcurrentHashMap<>();

        private Counts counts() {
            Map<DeadLetterCode, Long> byCode = new EnumMap<>(DeadLetterCode.class);
            rejected.forEach((code, count) -> byCode.put(code, count.sum()));
            return new Counts(accepted.sum(), byCode, duplicates.sum());
        }
    }

    void accepted(String pipeline) {
        tally(pipeline).accepted.increment();
    }

    void rejected(String pipeline, DeadLetterCode code) {
        tally(pipeline).rejected.computeIfAbsent(code, first -> new LongAdder()).increment();
    }

    void duplicate(String pipeline) {
        tally(pipeline).duplicates.increment();
    }

    private Tally tally(String pipeline) {
        // Each record asks, and computing locks where getting does not.
        Tally tally = tallies.get(pipeline);
        return tally == null ? tallies.computeIfAbsent(pipeline, first -> new Tally()) : tally;
    }

    /** Of a pipeline; all zero if nothing came yet. */
    public Counts of(String pipeline) {
        Tally tally = tallies.get(pipeline);
        return tally == null ? new Counts(0, Map.of(), 0) : tally.counts();
    }

    /** By pipeline, those that something came for. */
    public Map<String, Counts> all() {
        Map<String, Counts> all = new TreeMap<>();
        tallies.forEach((pipeline, tally) -> all.put(pipeline, tally.counts()));
        return all;
    }
}
