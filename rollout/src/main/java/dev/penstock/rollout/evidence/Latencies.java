package dev.penstock.rollout.evidence;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** How long rows took, in buckets that are 9 % wide: enough to say where the slow ones begin. For one thread at a time. */
public final class Latencies {
    private static final int BUCKETS_TO_DOUBLE = 8;
    private static final int BUCKETS = 32 * BUCKETS_TO_DOUBLE;

    private final long[] counts = new long[BUCKETS];
    private long count;

    public void observe(long micros) {
        counts[bucket(micros)]++;
        count++;
    }

    public long count() {
        return count;
    }

    /**
     * The time, in microseconds, that at least this share of rows did not exceed: the upper end of its bucket, so at most
     * 9 % too long.
     *
     * @param share above 0 and at most 1
     */
    public double quantile(double share) {
        long needed = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            seen += counts[bucket];
            if (seen >= needed) {
                return Math.pow(2, (bucket + 1.0) / BUCKETS_TO_DOUBLE);
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private static int bucket(long micros) {
        int bucket = (int) (Math.log((double) Math.max(1, micros)) / Math.log(2) * BUCKETS_TO_DOUBLE);
        return Math.min(BUCKETS - 1, bucket);
    }

    public void write(DataOutput out) throws IOException {
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            if (counts[bucket] > 0) {
                out.writeShort(bucket);
                out.writeLong(counts[bucket]);
            }
        }
        out.writeShort(-1);
    }

    public static Latencies read(DataInput in) throws IOException {
        Latencies latencies = new Latencies();
        for (int bucket = in.readShort(); bucket >= 0; bucket = in.readShort()) {
            latencies.counts[bucket] = in.readLong();
            latencies.count += latencies.counts[bucket];
        }
        return latencies;
    }
}
