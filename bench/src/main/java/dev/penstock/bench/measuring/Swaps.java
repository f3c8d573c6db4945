package dev.penstock.bench.measuring;

/**
 * What swapping versions under load did.
 *
 * @param eventsPerSecond of the load
 * @param before latency in the seconds before the first swap, and {@code around} in the seconds around it
 * @param swaps that followed; the last version that was published answered in the end
 * @param growthMebibytes of the process's resident memory during the later half of them
 */
public record Swaps(
        double eventsPerSecond,
        Latency before,
        Latency around,
        int lost,
        int doubled,
        int swaps,
        double growthMebibytes) {}
