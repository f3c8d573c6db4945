package dev.penstock.rollout.drift;

import java.util.Map;

/**
 * How the values of some requests were distributed, as it travels and is kept.
 *
 * @param since when the first was decided, milliseconds since 1970-01-01T00:00Z
 * @param rows requests
 * @param numbers KLL sketches by name, as Apache DataSketches serialises them
 * @param words how often each came, by name
 */
public record Sketched(
        String model, int version, long since, long rows, Map<String, byte[]> numbers, Map<String, WordCounts> words) {}
