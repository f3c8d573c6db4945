package dev.penstock.bench.pieces;

import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Prepared;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** What the model's own code costs: a payload into a row, and a batch of them through TensorFlow, by row. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
public class PreparingAndScoring {
    private static final int ROWS = 128;

    @Benchmark
    public Prepared prepare(Subject subject) {
        return subject.model().prepare(subject.payload());
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public List<Scores> scoreRowOfFullBatch(Subject subject) {
        return subject.model().score(subject.batch(ROWS));
    }

    @Benchmark
    public List<Scores> scoreRowAlone(Subject subject) {
        return subject.model().score(subject.batch(1));
    }
}
