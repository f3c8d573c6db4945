package dev.penstock.bench.report;

import dev.penstock.bench.measuring.Beside;
import dev.penstock.bench.measuring.LatencyAtLoad;
import dev.penstock.bench.measuring.Statistics;
import dev.penstock.bench.measuring.Swaps;
import dev.penstock.bench.measuring.Throughput;
import dev.penstock.bench.variants.Contender;
import java.util.List;
import java.util.Optional;

/**
 * What was found with one workload.
 *
 * @param description of the network and its records
 * @param latency empty where it was not measured
 * @param beside what a training does to latency
 */
public record WorkloadReport(
        String workload,
        String description,
        List<Throughput> throughput,
        List<LatencyAtLoad> latency,
        Optional<Swaps> swaps,
        Optional<Beside> beside) {
    public WorkloadReport {
        throughput = List.copyOf(throughput);
        latency = List.copyOf(latency);
    }

    /** The product's throughput divided by one peer's: the median of the rounds' ratios, and how far they go. */
    record Comparison(Contender peer, double median, double lowest, double highest) {}

    /** Empty if the product was not measured. */
    List<Comparison> comparisons() {
        Optional<List<Double>> product = throughput.stream()
                .filter(one -> one.contender() == Contender.PRODUCT)
                .map(Throughput::eventsPerSecond)
                .findAny();
        return product.map(own -> throughput.stream()
                        .filter(peer -> peer.contender() != Contender.PRODUCT)
                        .map(peer -> compare(own, peer))
                        .toList())
                .orElse(List.of());
    }

    private static Comparison compare(List<Double> product, Throughput peer) {
        List<Double> ratios = Statistics.ratios(product, peer.eventsPerSecond());
        return new Comparison(
                peer.contender(), Statistics.median(ratios), Statistics.lowest(ratios), Statistics.highest(ratios));
    }
}
