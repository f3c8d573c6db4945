package dev.penstock.flink.records;

import org.jspecify.annotations.Nullable;

/**
 * A Kafka record as it was read. Still bytes: what cannot be decoded must reach the dead letters as it was.
 *
 * @param timestamp the record's, milliseconds since 1970-01-01T00:00Z
 * @param features that the job adds to the request's own, in the order of its pipeline's rolling features and NaN where
 *     there is no value; null if it adds none
 */
@SuppressWarnings("ArrayRecordComponent") // Copying each payload to protect it would double the work.
public record InputRecord(
        String topic,
        int partition,
        long offset,
        long timestamp,
        byte @Nullable [] key,
        byte @Nullable [] value,
        double @Nullable [] features) {
    /** A record to which nothing is added. */
    public InputRecord(
            String topic, int partition, long offset, long timestamp, byte @Nullable [] key, byte @Nullable [] value) {
        this(topic, partition, offset, timestamp, key, value, null);
    }

    public InputRecord with(double[] addedFeatures) {
        return new InputRecord(topic, partition, offset, timestamp, key, value, addedFeatures);
    }

    /** Bytes that this takes while it waits, roughly. */
    public long weight() {
        int overhead = 64;
        return overhead + (key == null ? 0 : key.length) + (value == null ? 0L : value.length);
    }
}
