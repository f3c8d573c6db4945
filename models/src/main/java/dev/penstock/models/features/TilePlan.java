package dev.penstock.models.features;

import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Time cut into tiles of one length, and what is summed up of the events in each. A window is 24 tiles and what has
 * passed of the next: its head is exact, its tail is that of the tile it falls in (sawtooth windows, as in Chronon,
 * Airbnb's feature platform). So what a key costs is bounded, however many events it has.
 *
 * @param lengthMillis 1 or more
 * @param longestDelayMillis of the windows made of these tiles
 * @param numbers that are summed up, and {@code numberPlaces} where an {@link Observation} has them
 * @param values that are told apart, and {@code valuePlaces} where an observation has them
 * @param labels that feedback is counted for
 * @param savedNames of all these columns, as {@link HistoryFormat} saves them
 */
@SuppressWarnings("ArrayRecordComponent") // Read for each event, and never outside this package.
record TilePlan(
        long lengthMillis,
        long latenessMillis,
        long longestDelayMillis,
        List<String> numbers,
        int[] numberPlaces,
        List<RequestField> values,
        int[] valuePlaces,
        List<String> labels,
        byte[] savedNames) {
    static final int TILES_PER_WINDOW = 24;

    static TilePlan of(
            long length,
            Duration lateness,
            Collection<Aggregate> aggregates,
            List<String> numbers,
            List<RequestField> values) {
        List<String> ownNumbers = aggregates.stream()
                .flatMap(aggregate -> aggregate.number().stream())
                .distinct()
                .toList();
        List<RequestField> ownValues = aggregates.stream()
                .flatMap(aggregate -> aggregate.field().stream())
                .distinct()
                .toList();
        List<String> labels = aggregates.stream()
                .filter(Aggregate.LabelShare.class::isInstance)
                .map(aggregate -> ((Aggregate.LabelShare) aggregate).label())
                .distinct()
                .toList();
        long longestDelay = aggregates.stream()
                .mapToLong(aggregate -> ((Aggregate.Windowed) aggregate).delay().toMillis())
                .max()
                .orElse(0);
        return new TilePlan(
                length,
                lateness.toMillis(),
                longestDelay,
                ownNumbers,
                ownNumbers.stream().mapToInt(numbers::indexOf).toArray(),
                ownValues,
                ownValues.stream().mapToInt(values::indexOf).toArray(),
                labels,
                HistoryFormat.names(ownNumbers, ownValues, labels));
    }

    /** Whether a history was saved with the columns that there are now. */
    boolean hasSavedNames(byte[] names) {
        return Arrays.equals(names, savedNames);
    }

    /** Milliseconds of a window's 24th, rounded up. */
    static long length(Duration window) {
        return Math.max(1, -Math.floorDiv(-window.toMillis(), TILES_PER_WINDOW));
    }

    long tileOf(long time) {
        return Math.floorDiv(time, lengthMillis);
    }

    /** The first tile of a window that ends at a time, less its delay. */
    long first(long time, long delay) {
        return tileOf(time - delay) - TILES_PER_WINDOW;
    }

    /** The last one: without a delay the one that has begun, else the last that had ended. */
    long last(long time, long delay) {
        return delay == 0 ? tileOf(time) : tileOf(time - delay) - 1;
    }

    /** The first tile that any window can still see when an event as late as is allowed comes. */
    long oldest(long newest) {
        return tileOf(newest - latenessMillis - longestDelayMillis) - TILES_PER_WINDOW;
    }
}
