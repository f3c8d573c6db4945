package dev.penstock.cli.sending;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One record of a file, as it was written there.
 *
 * @param line where it begins, from 1
 * @param vector instead of named features; empty if there are named ones
 */
record EventRecord(
        int line,
        Optional<String> id,
        Optional<String> entity,
        Optional<Instant> time,
        Map<String, Double> numbers,
        Map<String, String> categories,
        List<Float> vector,
        Map<String, String> attributes) {
    EventRecord {
        numbers = Map.copyOf(numbers);
        categories = Map.copyOf(categories);
        vector = List.copyOf(vector);
        attributes = Map.copyOf(attributes);
    }
}
