package dev.penstock.rollout.drift;

import dev.penstock.schemas.DriftReference;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.memory.Memory;

/**
 * How values are distributed by name: numbers in KLL sketches (Karnin, Lang, Liberty, FOCS 2016), which take the same
 * little room however many there are and can be merged in any order; words by counting. For one thread at a time.
 */
final class Distributions {
    /** Ranks are then right to 1.3 percent, 99 times of 100. */
    private static final int K = 200;

    /** Words beyond these are counted together, so that no feature can fill the memory. */
    private static final int MOST_WORDS = 1_000;

    private static final String FURTHER_WORDS = "…";

    private final SortedMap<String, KllFloatsSketch> numbers = new TreeMap<>();
    private final SortedMap<String, Map<String, Long>> words = new TreeMap<>();
    private long rows;
    private long since = Long.MAX_VALUE;

    /** @throws IllegalArgumentException if it holds something else than sketches of floats */
    static Distributions of(DriftReference reference) {
        Distributions distributions = new Distributions();
        distributions.rows = reference.getRows();
        reference.getDistributions().forEach((name, distribution) -> {
            ByteBuffer quantiles = distribution.getQuantiles();
            if (quantiles != null) {
                byte[] bytes = new byte[quantiles.remaining()];
                quantiles.duplicate().get(bytes);
                distributions.numbers.put(name, sketch(name, bytes));
            } else {
                distributions.words.put(name, new HashMap<>(distribution.getCounts()));
            }
        });
        return distributions;
    }

    static Distributions of(Sketched sketched) {
        Distributions distributions = new Distributions();
        distributions.add(sketched);
        return distributions;
    }

    void add(WatchedValues values) {
        rows++;
        since = Math.min(since, values.at());
        values.numbers()
                .forEach((name, value) -> numbers.computeIfAbsent(name, added -> KllFloatsSketch.newHeapInstance(K))
                        .update(value.floatValue()));
        values.words().forEach((name, word) -> count(name, word, 1));
    }

    void add(Sketched sketched) {
        rows += sketched.rows();
        since = Math.min(since, sketched.since());
        sketched.numbers().forEach((name, bytes) -> {
            KllFloatsSketch added = sketch(name, bytes);
            KllFloatsSketch known = numbers.putIfAbsent(name, added);
            if (known != null) {
                known.merge(added);
            }
        });
        sketched.words().forEach((name, counts) -> counts.times().forEach((word, times) -> count(name, word, times)));
    }

    Sketched sketched(String model, int version) {
        Map<String, byte[]> bytes = new HashMap<>();
        numbers.forEach((name, sketch) -> bytes.put(name, sketch.toByteArray()));
        Map<String, WordCounts> counts = new HashMap<>();
        words.forEach((name, counted) -> counts.put(name, new WordCounts(new HashMap<>(counted))));
        return new Sketched(model, version, since, rows, bytes, counts);
    }

    long rows() {
        return rows;
    }

    SortedMap<String, KllFloatsSketch> numbers() {
        return Collections.unmodifiableSortedMap(numbers);
    }

    SortedMap<String, Map<String, Long>> words() {
        return Collections.unmodifiableSortedMap(words);
    }

    private void count(String name, String word, long times) {
        Map<String, Long> counts = words.computeIfAbsent(name, added -> new HashMap<>());
        String counted = counts.size() < MOST_WORDS || counts.containsKey(word) ? word : FURTHER_WORDS;
        counts.merge(counted, times, Long::sum);
    }

    private static KllFloatsSketch sketch(String name, byte[] bytes) {
        try {
            return KllFloatsSketch.heapify(Memory.wrap(bytes));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "Cannot read the distribution of '%s': %d bytes are not a KLL sketch of floats: %s"
                            .formatted(name, bytes.length, e.getMessage()),
                    e);
        }
    }
}
