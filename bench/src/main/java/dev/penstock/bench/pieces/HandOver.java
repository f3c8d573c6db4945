package dev.penstock.bench.pieces;

import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.BatchListener;
import dev.penstock.inference.batching.ClosingReason;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.batching.Scorer;
import java.util.Collections;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Rows into batches, to the threads that score and back to the task's, with a model that answers at once; by row. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class HandOver {
    private static final int ROWS = 1_024;
    private static final Integer ROW = 1;

    private long outcomes;
    private final BlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BatchLimits limits = BatchLimits.usual();
    private final MicroBatcher<String, Integer, Integer> batcher = new MicroBatcher<>(
            limits,
            Collections.nCopies(limits.inFlight(), (Scorer<String, Integer, Integer>) (version, rows) -> rows),
            new MicroBatcher.Threads(threads, mailbox::add),
            System::nanoTime,
            new Unheard(),
            outcome -> outcomes += outcome);

    private static final class Unheard implements BatchListener {
        @Override
        public void started(ClosingReason reason, int rows, int padding, long waitedNanos) {}

        @Override
        public void scored(int rows, long scoredNanos) {}

        @Override
        public void emitted(int rows, long emittedNanos) {}
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long rowToOutcome() throws InterruptedException {
        for (int row = 0; row < ROWS; row++) {
            while (!batcher.hasRoom()) {
                mailbox.take().run();
            }
            batcher.add("v1", ROW);
        }
        batcher.flush();
        while (!batcher.isEmpty()) {
            mailbox.take().run();
        }
        return outcomes;
    }

    @TearDown
    public void close() {
        threads.shutdownNow();
    }
}
