package dev.penstock.retrain.runs;

import dev.penstock.schemas.OffsetRange;

/**
 * Records of one partition of {@code labelled-examples}.
 *
 * @param from first offset
 * @param newFrom first offset that no version has learned from yet, {@code from} to {@code to}
 * @param to the offset after the last
 */
public record Range(int partition, long from, long newFrom, long to) {
    public Range {
        if (from < 0 || newFrom < from || to < newFrom) {
            throw new IllegalArgumentException(
                    "Cannot read offsets %d to %d of partition %d, new ones from %d: they must be in order"
                            .formatted(from, to, partition, newFrom));
        }
    }

    public OffsetRange toAvro() {
        return new OffsetRange(partition, from, to);
    }
}
