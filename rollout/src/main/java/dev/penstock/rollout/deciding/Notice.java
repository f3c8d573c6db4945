package dev.penstock.rollout.deciding;

import dev.penstock.rollout.drift.DriftReport;
import org.jspecify.annotations.Nullable;

/**
 * Something that concerns a model and comes seldom.
 *
 * @param topic that the record is of
 * @param value the record's bytes, as they were read; empty with a report
 * @param drift what a window showed; null with a record
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, by the operator that it is for.
public record Notice(
        String model, String topic, byte[] value, @Nullable DriftReport drift) {
    static Notice of(String model, String topic, byte[] value) {
        return new Notice(model, topic, value, null);
    }

    public static Notice of(DriftReport drift) {
        return new Notice(drift.model(), "", new byte[0], drift);
    }
}
