package dev.penstock.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.bench.measuring.Throughput;
import dev.penstock.bench.report.WorkloadReport;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Scale;
import dev.penstock.bench.workloads.Workloads;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The whole way with few records: broker, model, processes of their own, every record counted. */
class BenchmarkIT {
    @Test
    void everyContenderAnswersEachRequestOnce() throws Exception {
        Benchmark benchmark = new Benchmark(
                Workloads.named("dense"),
                List.of(Contender.PRODUCT, Contender.PRODUCT_EXACTLY_ONCE, Contender.CEILING, Contender.FLINK_ONNX),
                new Benchmark.Plan(Optional.of(800), 0, 1, false, false, 0, Scale.usual()),
                Optional.empty(),
                line -> {});

        WorkloadReport report = benchmark.run();

        // A record that is lost or doubled would have thrown.
        assertThat(report.throughput())
                .extracting(Throughput::contender)
                .containsExactly(
                        Contender.PRODUCT, Contender.PRODUCT_EXACTLY_ONCE, Contender.CEILING, Contender.FLINK_ONNX);
        assertThat(report.throughput()).allSatisfy(one -> {
            assertThat(one.eventsPerSecond()).singleElement().satisfies(rate -> assertThat(rate)
                    .isPositive());
        });
    }

    @Test
    void ingestPassesEachRecordOnOnce() throws Exception {
        Benchmark benchmark = new Benchmark(
                Workloads.named("dense"),
                List.of(Contender.INGEST_GATHERED),
                new Benchmark.Plan(Optional.of(800), 0, 1, false, false, 0, Scale.usual()),
                Optional.empty(),
                line -> {});

        WorkloadReport report = benchmark.run();

        assertThat(report.throughput()).singleElement().satisfies(one -> assertThat(one.median())
                .isPositive());
    }
}
