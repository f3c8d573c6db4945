package dev.penstock.rollout.drift;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;

/**
 * The population stability index: the sum over bins of (actual - expected) * ln(actual / expected), where bins are tenths
 * of what is expected. By long custom 0.1 is worth a look and 0.25 is a change (Siddiqi, Credit Risk Scorecards, 2006).
 *
 * <p>Of n rows against m rows of the same world the index is about (1/n + 1/m) times a chi-squared variable with one degree
 * of freedom fewer than bins (Yurdakul and Naranjo, Statistical properties of the population stability index, Journal of
 * Risk Model Validation 14(4), 2020): few rows reach 0.1 and more by chance, so that an index counts here only if chance
 * does not explain it.
 *
 * @param index 0 or more
 * @param chance how likely as large an index is where nothing has changed
 */
record StabilityIndex(double index, double chance) {
    private static final int BINS = 10;

    /** Added to each bin's count, so that an empty one has a logarithm. */
    private static final double PSEUDO_COUNT = 0.5;

    /** Words that come more rarely where they are expected are one bin. */
    private static final double RARE = 0.01;

    /** Of words that are rare or new. */
    private static final String OTHERS = "\u0000others";

    static StabilityIndex of(KllFloatsSketch expected, KllFloatsSketch actual) {
        float[] splits = splits(expected);
        return of(
                expected.getPMF(splits, QuantileSearchCriteria.INCLUSIVE),
                expected.getN(),
                actual.getPMF(splits, QuantileSearchCriteria.INCLUSIVE),
                actual.getN());
    }

    static StabilityIndex of(Map<String, Long> expected, Map<String, Long> actual) {
        long expectedRows = sum(expected);
        Map<String, Integer> bins = new HashMap<>();
        expected.forEach((word, times) -> {
            if (times >= RARE * expectedRows) {
                bins.putIfAbsent(word, bins.size());
            }
        });
        bins.put(OTHERS, bins.size());
        return of(shares(expected, bins, expectedRows), expectedRows, shares(actual, bins, sum(actual)), sum(actual));
    }

    /** Tenths of the sketch; fewer where many values are the same. */
    private static float[] splits(KllFloatsSketch expected) {
        TreeSet<Float> splits = new TreeSet<>();
        for (int bin = 1; bin < BINS; bin++) {
            splits.add(expected.getQuantile((double) bin / BINS, QuantileSearchCriteria.INCLUSIVE));
        }
        float[] values = new float[splits.size()];
        int place = 0;
        for (float split : splits) {
            values[place++] = split;
        }
        return values;
    }

    private static double[] shares(Map<String, Long> counts, Map<String, Integer> bins, long rows) {
        double[] shares = new double[bins.size()];
        counts.forEach((word, times) -> {
            Integer bin = bins.get(word);
            shares[bin == null ? bins.get(OTHERS) : bin] += (double) times / rows;
        });
        return shares;
    }

    private static StabilityIndex of(double[] expected, long expectedRows, double[] actual, long actualRows) {
        double index = 0;
        int bins = 0;
        for (int bin = 0; bin < expected.length; bin++) {
            if (expected[bin] > 0 || actual[bin] > 0) {
                bins++;
            }
        }
        for (int bin = 0; bin < expected.length; bin++) {
            if (expected[bin] > 0 || actual[bin] > 0) {
                double before = smoothed(expected[bin], expectedRows, bins);
                double now = smoothed(actual[bin], actualRows, bins);
                index += (now - before) * Math.log(now / before);
            }
        }
        double spread = 1.0 / expectedRows + 1.0 / actualRows;
        return new StabilityIndex(index, bins < 2 ? 1 : Chance.ofChiSquared(index / spread, bins - 1));
    }

    private static double smoothed(double share, long rows, int bins) {
        return (share * rows + PSEUDO_COUNT) / (rows + PSEUDO_COUNT * bins);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
