package dev.penstock.bench.measuring;

import java.util.List;

/**
 * What a training does to those who are served meanwhile on the same machine.
 *
 * @param eventsPerSecond of the load
 * @param alone latency in the windows without a training, and {@code training} in those with one, in turns
 * @param steps that the trainings took together
 */
public record Beside(double eventsPerSecond, List<Latency> alone, List<Latency> training, long steps) {
    public Beside {
        alone = List.copyOf(alone);
        training = List.copyOf(training);
    }

    /** The 99th percentile beside a training divided by that of the window before: the median of all turns. */
    public double ratio() {
        return Statistics.median(Statistics.ratios(p99(training), p99(alone)));
    }

    private static List<Double> p99(List<Latency> latencies) {
        return latencies.stream().map(Latency::p99).toList();
    }
}
