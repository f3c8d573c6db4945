package dev.penstock.bench;

import dev.penstock.bench.measuring.Growth;
import dev.penstock.bench.report.WorkloadReport;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Scale;
import dev.penstock.bench.workloads.Workloads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What an event costs as slots, partitions, the model and the records grow, each alone, with all else as usual. */
final class GrowthSeries {
    private static final int EVENTS = 400_000;
    /** A large record's share of the records, else a round would move tens of gigabytes. */
    private static final double FEW = 1.0 / 16;

    private static final List<Step> STEPS = List.of(
            new Step("nothing", "2 slots, 4 partitions, 28 thousand weights, 3 kB", "dense", Scale.usual(), 1),
            new Step("slots", "1", "dense", new Scale(1, 4), 1),
            new Step("partitions", "1", "dense", new Scale(2, 1), 1),
            new Step("partitions", "8", "dense", new Scale(2, 8), 1),
            new Step("model", "278 thousand weights", "dense-x10", Scale.usual(), 1),
            new Step("record", "0.3 kB", "record-x1", Scale.usual(), 1),
            new Step("record", "31 kB", "record-x100", Scale.usual(), FEW));

    private final List<Contender> contenders;
    private final Benchmark.Plan plan;
    private final Optional<Path> recordings;
    private final Consumer<String> progress;

    /** @param share of the records that are usual */
    private record Step(String grows, String to, String workload, Scale scale, double share) {}

    /** @param plan whose scale, latency and swaps do not matter here */
    GrowthSeries(
            List<Contender> contenders, Benchmark.Plan plan, Optional<Path> recordings, Consumer<String> progress) {
        this.contenders = contenders;
        this.plan = plan;
        this.recordings = recordings;
        this.progress = progress;
    }

    List<Growth> run() throws IOException, InterruptedException {
        List<Growth> grown = new ArrayList<>();
        for (Step step : STEPS) {
            progress.accept("growth: %s %s".formatted(step.grows(), step.to()));
            WorkloadReport report =
                    new Benchmark(Workloads.named(step.workload()), contenders, plan(step), recordings, progress).run();
            report.throughput().forEach(one -> grown.add(new Growth(step.grows(), step.to(), one)));
        }
        return grown;
    }

    private Benchmark.Plan plan(Step step) {
        int events = (int) (plan.events().orElse(EVENTS) * step.share());
        return new Benchmark.Plan(Optional.of(events), plan.warmUps(), plan.rounds(), false, false, 0, step.scale());
    }
}
