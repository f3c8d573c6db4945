package dev.penstock.models.features;

import org.jspecify.annotations.Nullable;

/**
 * What rolling features need of one event, in the order of the {@link RollingPlan} that took it.
 *
 * @param eventTime milliseconds since 1970-01-01T00:00Z
 * @param keys one for each group; null where the event has none
 * @param numbers NaN where the event has none
 * @param values of fields that are told apart; null where the event has none
 */
@SuppressWarnings("ArrayRecordComponent") // Made for each event and read at once.
public record Observation(
        long eventTime,
        @Nullable String[] keys,
        double[] numbers,
        @Nullable String[] values) {}
