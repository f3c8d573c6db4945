package dev.penstock.inference.features;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.models.features.Observation;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way from key to key.
 *
 * @param record as it was read, with the features that are known so far
 * @param requestId of the request
 * @param eventTime milliseconds since 1970-01-01T00:00Z
 * @param keys {@code numbers} and {@code values}: as in {@link Observation}
 */
@SuppressWarnings("ArrayRecordComponent") // Made for each request and read at once.
public record FeatureRequest(
        InputRecord record,
        String requestId,
        long eventTime,
        @Nullable String[] keys,
        double[] numbers,
        @Nullable String[] values) {

    Observation observation() {
        return new Observation(eventTime, keys, numbers, values);
    }

    /** The key by which it goes to a group; one without a key goes anywhere, and is not remembered. */
    String keyOf(int group) {
        String key = keys[group];
        return key == null ? requestId : key;
    }
}
