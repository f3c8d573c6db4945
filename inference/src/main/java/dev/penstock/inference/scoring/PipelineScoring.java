package dev.penstock.inference.scoring;

import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchListener;
import dev.penstock.inference.batching.ClosingReason;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.requests.DeadLetters;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.deadletter.DeadLetterCode;
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

/** One pipeline's requests in one task: decoded here, gathered, scored beside the task. For the task's thread. */
final class PipelineScoring {
    private static final int HISTOGRAM_SAMPLES = 1_000;

    private final MicroBatcher<ServedModel, Row, OutputRecord> batcher;
    private final Metrics metrics;
    private final Consumer<OutputRecord> outcomes;

    /**
     * @param scorers makes one for each batch that may be in flight
     * @param nanoTime by which batches age, as {@link System#nanoTime}
     */
    PipelineScoring(
            PipelineBinding pipeline,
            Supplier<BatchScorer> scorers,
            MicroBatcher.Threads threads,
            LongSupplier nanoTime,
            MetricGroup metrics,
            Consumer<OutputRecord> outcomes) {
        this.outcomes = outcomes;
        MetricGroup own = metrics.addGroup("pipeline", pipeline.pipeline());
        this.metrics = new Metrics(own);
        this.batcher = new MicroBatcher<>(
                pipeline.batching(),
                Stream.generate(scorers).limit(pipeline.batching().inFlight()).toList(),
                threads,
                nanoTime,
                this.metrics,
                outcomes);
        own.gauge("batches-in-flight", batcher::inFlight);
    }

    /** Whether another request may come now; if not, when the next batch is done. */
    boolean hasRoom() {
        return batcher.hasRoom();
    }

    /**
     * @param isSuspect whether it is to share its batch with no other
     * @return whether it is the first of a batch, which somebody must look after
     */
    boolean score(Request.Addressed request, ServedModel served, boolean isSuspect) {
        long start = System.nanoTime();
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
            return false;
        }
        if (prepared instanceof Prepared.Rejected rejected) {
            outcomes.accept(DeadLetters.of(request, rejected.code(), rejected.reason(), null));
            return false;
        } else if (prepared instanceof Prepared.Ready ready) {
            long decodeNanos = System.nanoTime() - start;
            metrics.decoded(decodeNanos);
            Row row = new Row(request, ready.example(), decodeNanos, isSuspect);
            if (isSuspect) {
                batcher.addAlone(served, row);
            } else {
                batcher.add(served, row);
            }
            return batcher.gathered() == 1;
        } else {
            throw new IllegalStateException("Cannot score: the model prepared " + prepared);
        }
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
        return batcher.holds(served);
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
            for (ClosingReason reason : List.of(ClosingReason.values())) {
                closed.put(reason, group.addGroup("reason", reason.name()).counter("batches"));
            }
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
