package dev.penstock.bench.report;

import dev.penstock.bench.measuring.LatencyAtLoad;
import dev.penstock.bench.measuring.Swaps;
import dev.penstock.bench.report.WorkloadReport.Comparison;
import dev.penstock.bench.variants.Contender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is asked of each workload; only what was measured is judged. */
final class Requirements {
    private static final Map<Contender, Double> DENSE = Map.of(
            Contender.FLINK_TENSORFLOW, 15.0,
            Contender.FLINK_TENSORFLOW_TUNED, 4.0,
            Contender.CEILING, 0.75,
            Contender.FLINK_ONNX, 3.0);
    private static final Map<Contender, Double> HEAVY = Map.of(Contender.RAW_TENSORFLOW, 0.85);
    private static final Map<String, Map<Contender, Double>> THROUGHPUT =
            Map.of("dense", DENSE, "image", HEAVY, "text", HEAVY);

    private static final double ADDED_MILLIS = 1;
    private static final double SWAP_RATIO = 1.5;
    private static final double SWAP_MEBIBYTES = 16;
    private static final double TRAINING_RATIO = 1.2;

    private Requirements() {}

    static List<Requirement> of(WorkloadReport report) {
        List<Requirement> requirements = new ArrayList<>();
        Map<Contender, Double> ratios = THROUGHPUT.getOrDefault(report.workload(), Map.of());
        for (Comparison comparison : report.comparisons()) {
            Double bound = ratios.get(comparison.peer());
            if (bound != null) {
                requirements.add(Requirement.atLeast(
                        "throughput, product ÷ " + comparison.peer().label(), comparison.median(), bound));
            }
        }
        requirements.addAll(latency(report.latency()));
        report.swaps().ifPresent(swaps -> requirements.addAll(swapping(swaps)));
        report.beside()
                .ifPresent(beside -> requirements.add(
                        Requirement.atMost("p99 beside a training ÷ without one", beside.ratio(), TRAINING_RATIO)));
        return requirements;
    }

    private static List<Requirement> latency(List<LatencyAtLoad> latency) {
        List<Requirement> requirements = new ArrayList<>();
        String peer = Contender.FLINK_TENSORFLOW.label();
        Optional<LatencyAtLoad> usual = find(latency, Contender.FLINK_TENSORFLOW, "50 %");
        Optional<LatencyAtLoad> product = find(latency, Contender.PRODUCT, "50 % of " + peer);
        if (usual.isPresent() && product.isPresent()) {
            requirements.add(Requirement.atMost(
                    "p99 at half of what %s can do, product − %s, ms".formatted(peer, peer),
                    product.get().latency().p99() - usual.get().latency().p99(),
                    0));
        }
        Optional<LatencyAtLoad> batching = find(latency, Contender.PRODUCT, "idle");
        Optional<LatencyAtLoad> single = find(latency, Contender.PRODUCT_SINGLE, "idle");
        if (batching.isPresent() && single.isPresent()) {
            requirements.add(Requirement.atMost(
                    "p50 on an idle stream, product − product with batches of one, ms",
                    batching.get().latency().p50() - single.get().latency().p50(),
                    ADDED_MILLIS));
        }
        return requirements;
    }

    private static Optional<LatencyAtLoad> find(List<LatencyAtLoad> latency, Contender contender, String load) {
        return latency.stream()
                .filter(one -> one.contender() == contender && one.load().equals(load))
                .findAny();
    }

    private static List<Requirement> swapping(Swaps swaps) {
        return List.of(
                Requirement.atMost("swaps under load, answers lost or doubled", swaps.lost() + swaps.doubled(), 0),
                Requirement.atMost(
                        "p99 in the 5 s around a swap ÷ before",
                        swaps.around().p99() / swaps.before().p99(),
                        SWAP_RATIO),
                Requirement.atMost(
                        "growth of resident memory in the later half of %d swaps, MiB".formatted(swaps.swaps()),
                        swaps.growthMebibytes(),
                        SWAP_MEBIBYTES));
    }
}
