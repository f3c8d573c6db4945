package dev.penstock.bench.measuring;

import java.util.Arrays;

/** How long answers took, in milliseconds; infinite where that many never came. */
public record Latency(double p50, double p99, double p999) {
    /**
     * @param nanos of each request; sorted here
     * @param count how many of them there are
     */
    static Latency of(long[] nanos, int count) {
        if (count == 0) {
            throw new IllegalArgumentException("Cannot take percentiles of no latencies");
        }
        Arrays.sort(nanos, 0, count);
        return new Latency(
                percentile(nanos, count, 0.5), percentile(nanos, count, 0.99), percentile(nanos, count, 0.999));
    }

    /** The smallest value that so large a part is not above (nearest rank). */
    private static double percentile(long[] sorted, int count, double part) {
        long nanos = sorted[Math.max(0, (int) Math.ceil(part * count) - 1)];
        return nanos == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : nanos / 1e6;
    }
}
