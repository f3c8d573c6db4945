package dev.penstock.retrain.triggers;

import org.jspecify.annotations.Nullable;

/**
 * Something that matters to the training of one model.
 *
 * @param offset of its record in its partition
 * @param subject of an example its pipeline and request; empty for all else
 * @param source of an example's label, the kind and the name of who said so; empty for all else
 * @param value the record, in the wire format; null for examples, whose payload nobody needs here
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never written.
public record TrainingNews(
        String model, Kind kind, int partition, long offset, String subject, String source, byte @Nullable [] value) {

    /** What it is. */
    public enum Kind {
        EXAMPLE,
        ALERT,
        COMMAND,
        ROLLOUT,
        VERSION,
        RUN
    }
}
