package dev.penstock.inference.scoring;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchListener;
import dev.penstock.inference.batching.ClosingReason;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.requests.DeadLetters;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.Choice;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline's requests in one task: decoded here, gathered, scored beside the task, and by a version that only shadows
 * beside that. For the task's thread.
 */
final class PipelineScoring {
    private static final int HISTOGRAM_SAMPLES = 1_000;

    private final MicroBatcher<Answerer, Row, OutputRecord> batcher;
    private final ShadowScoring shadow;
    private final Metrics metrics;
    private final Consumer<OutputRecord> outcomes;
    /** By partition: an entity's requests lie in one. */
    private long[] turns = new long[16];

    /**
     * Who does the work.
     *
     * @param serving makes one scorer for each batch that may be in flight
     * @param shadow asks versions on trial, on {@code shadowThreads}
     */
    record Scorers(
            Supplier<BatchScorer> serving,
            MicroBatcher.Threads threads,
            ShadowScorer shadow,
            MicroBatcher.Threads shadowThreads) {}

    /** @param nanoTime by which batches age, as {@link System#nanoTime} */
    PipelineScoring(
            PipelineBinding pipeline,
            Scorers scorers,
            LongSupplier nanoTime,
            MetricGroup metrics,
            Consumer<OutputRecord> outcomes) {
        this.outcomes = outcomes;
        MetricGroup own = metrics.addGroup("pipeline", pipeline.pipeline());
        this.metrics = new Metrics(own);
        this.batcher = new MicroBatcher<>(
                pipeline.batching(),
                Stream.generate(scorers.serving())
                        .limit(pipeline.batching().inFlight())
                        .toList(),
                scorers.threads(),
                nanoTime,
                this.metrics,
                outcomes);
        this.shadow = new ShadowScoring(
                pipeline.batching().rows(),
                scorers.shadow(),
                scorers.shadowThreads(),
                () -> batcher.inFlight() >= pipeline.batching().inFlight(),
                new ShadowScoring.Counters(own.counter("shadow-rows"), own.counter("shadow-shed")),
                outcomes);
        own.gauge("batches-in-flight", batcher::inFlight);
    }

    /** Whether another request may come now; if not, when the next batch is done. */
    boolean hasRoom() {
        return batcher.hasRoom();
    }

    /**
     * @param isSuspect whether it is to share its batch with no other; then nobody is on trial with it either
     * @return whether it is the first of a batch, which somebody must look after
     */
    boolean score(Request.Addressed request, Choice chosen, boolean isSuspect) {
        keepTurn(request.record().partition(), chosen.turn());
        Choice choice = isSuspect ? chosen.withoutTrial() : chosen;
        return choice.answerer().instead().isPresent()
                ? scoreOnTrial(request, choice)
                : scoreSurely(request, choice, isSuspect);
    }

    private boolean scoreSurely(Request.Addressed request, Choice choice, boolean isSuspect) {
        long start = System.nanoTime();
        Prepared.Ready ready = readyOrBuried(request, choice.answerer().served());
        return ready != null
                && gather(
                        new Row(request, choice.variant(), ready.example(), System.nanoTime() - start, isSuspect),
                        choice);
    }

    /** What the version on trial cannot prepare has its place among its rows: the champion answers it there. */
    private boolean scoreOnTrial(Request.Addressed request, Choice choice) {
        long start = System.nanoTime();
        Prepared prepared;
        try {
            prepared =
                    choice.answerer().served().model().prepare(request.content().getPayload());
        } catch (RuntimeException e) {
            return gather(Row.failed(request, choice.variant(), e, System.nanoTime() - start), choice);
        }
        long nanos = System.nanoTime() - start;
        return gather(
                prepared instanceof Prepared.Ready ready
                        ? new Row(request, choice.variant(), ready.example(), nanos, false)
                        : Row.failed(request, choice.variant(), Failures.unusable(rejected(prepared)), nanos),
                choice);
    }

    /** Null where the model cannot use the payload; then its dead letter is written. */
    private Prepared.@Nullable Ready readyOrBuried(Request.Addressed request, ServedModel served) {
        Prepared prepared;
        try {
            prepared = served.model().prepare(request.content().getPayload());
        } catch (RuntimeException e) {
            // A fault of ours or the model's; the next record may fare better, and the job must.
            outcomes.accept(DeadLetters.of(
                    request,
                    DeadLetterCode.MODEL_FAILED,
                    "Cannot score with model '%s': the payload could not be prepared (%s)"
                            .formatted(request.pipeline().model(), e),
                    e));
            return null;
        }
        if (prepared instanceof Prepared.Ready ready) {
            return ready;
        }
        Prepared.Rejected rejected = rejected(prepared);
        outcomes.accept(DeadLetters.of(request, rejected.code(), rejected.reason(), null));
        return null;
    }

    /** Where requests of a partition have come to be answered by others, those before leave before those after. */
    private void keepTurn(int partition, long turn) {
        if (partition >= turns.length) {
            turns = Arrays.copyOf(turns, 2 * partition);
        }
        if (turns[partition] != turn) {
            if (turns[partition] != 0) {
                batcher.turn();
            }
            turns[partition] = turn;
        }
    }

    private static Prepared.Rejected rejected(Prepared prepared) {
        if (prepared instanceof Prepared.Rejected rejected) {
            return rejected;
        }
        throw new IllegalStateException("Cannot score: the model prepared " + prepared);
    }

    private boolean gather(Row row, Choice choice) {
        metrics.decoded(row.decodeNanos());
        metrics.assigned(row.variant());
        boolean isFirst = false;
        if (row.isSuspect()) {
            batcher.addAlone(choice.answerer(), row);
        } else {
            isFirst = batcher.add(choice.answerer(), row);
        }
        if (choice.shadow().isPresent()) {
            shadow.offer(row.request(), choice.shadow().get());
        }
        return isFirst;
    }

    /** To be called when a batch is done: a shadow may have its turn. */
    void startShadow() {
        shadow.start();
    }

    boolean isShadowEmpty() {
        return shadow.isEmpty();
    }

    void endShadow() {
        shadow.end();
    }

    void flush() {
        batcher.flush();
    }

    void tick() {
        batcher.tick();
    }

    long nextTick() {
        return batcher.nextTick();
    }

    boolean isEmpty() {
        return batcher.isEmpty();
    }

    boolean holds(ServedModel served) {
        return batcher.holds(answerer -> answerer.asks(served)) || shadow.holds(served);
    }

    private static Histogram histogram(MetricGroup group, String name) {
        return group.histogram(name, new DescriptiveStatisticsHistogram(HISTOGRAM_SAMPLES));
    }

    private static final class Metrics implements BatchListener {
        private final Histogram rowsPerBatch;
        private final Histogram queueMicros;
        private final Histogram decodeMicros;
        private final Histogram scoreMicros;
        private final Histogram emitMicros;
        private final Map<ClosingReason, Counter> closed = new EnumMap<>(ClosingReason.class);
        private final Map<Variant, Counter> assigned = new EnumMap<>(Variant.class);
        private long decodeNanos;
        /** Written by the task's thread, read by whoever reports. */
        private volatile long scoredRows;

        private volatile long paddedRows;

        Metrics(MetricGroup group) {
            rowsPerBatch = histogram(group, "batch-rows");
            queueMicros = histogram(group, "queue-micros");
            decodeMicros = histogram(group, "decode-micros");
            scoreMicros = histogram(group, "score-micros");
            emitMicros = histogram(group, "emit-micros");
            group.gauge("padded-share", this::paddedShare);
            for (Variant variant : List.of(Variant.CHAMPION, Variant.CANARY, Variant.CONTROL)) {
                assigned.put(variant, group.addGroup("variant", variant.name()).counter("assigned"));
            }
            for (ClosingReason reason : List.of(ClosingReason.values())) {
                closed.put(reason, group.addGroup("reason", reason.name()).counter("batches"));
            }
        }

        void assigned(Variant variant) {
            assigned.get(variant).inc();
        }

        /** Of a row. They are summed up: a batch is told of, as it is of its scoring. */
        void decoded(long nanos) {
            decodeNanos += nanos;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
        public void started(ClosingReason reason, int rows, int padding, long waitedNanos) {
            // Rows are not taken while a batch waits to start, so that these are its own.
            decodeMicros.update(TimeUnit.NANOSECONDS.toMicros(decodeNanos));
            decodeNanos = 0;
            rowsPerBatch.update(rows);
            scoredRows += rows;
            paddedRows += padding;
            queueMicros.update(TimeUnit.NANOSECONDS.toMicros(waitedNanos));
            closed.get(reason).inc();
        }

        /** Of all rows that the model was asked for: 0 to 1. */
        private double paddedShare() {
            long padded = paddedRows;
            return padded == 0 ? 0 : (double) padded / (padded + scoredRows);
        }

        @Override
        public void scored(int rows, long scoredNanos) {
            scoreMicros.update(TimeUnit.NANOSECONDS.toMicros(scoredNanos));
        }

        @Override
        public void emitted(int rows, long emittedNanos) {
            emitMicros.update(TimeUnit.NANOSECONDS.toMicros(emittedNanos));
        }
    }
}
