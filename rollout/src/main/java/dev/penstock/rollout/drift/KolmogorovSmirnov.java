package dev.penstock.rollout.drift;

import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;

/**
 * The test of Kolmogorov and Smirnov of two samples, on their sketches: where many values are equal it errs towards
 * finding nothing.
 *
 * @param distance the largest between the two cumulative distributions, 0 to 1
 * @param chance how likely as large a distance is where nothing has changed, from the limiting distribution, less what the
 *     sketches may be wrong by
 */
record KolmogorovSmirnov(double distance, double chance) {

    static KolmogorovSmirnov of(KllFloatsSketch expected, KllFloatsSketch actual) {
        double distance =
                Math.max(largestAt(points(expected), expected, actual), largestAt(points(actual), expected, actual));
        double rows = (double) expected.getN() * actual.getN() / (expected.getN() + actual.getN());
        double certain = Math.max(0, distance - error(expected) - error(actual));
        return new KolmogorovSmirnov(distance, Chance.ofDistance(certain, rows));
    }

    /** By how much its ranks may be wrong, 99 times of 100. */
    private static double error(KllFloatsSketch sketch) {
        return sketch.isEstimationMode() ? sketch.getNormalizedRankError(false) : 0;
    }

    private static float[] points(KllFloatsSketch sketch) {
        return sketch.getSortedView().getQuantiles();
    }

    /** Both distributions step only at values that one of them kept. */
    private static double largestAt(float[] points, KllFloatsSketch expected, KllFloatsSketch actual) {
        double[] before = expected.getRanks(points, QuantileSearchCriteria.INCLUSIVE);
        double[] now = actual.getRanks(points, QuantileSearchCriteria.INCLUSIVE);
        double largest = 0;
        for (int point = 0; point < points.length; point++) {
            largest = Math.max(largest, Math.abs(before[point] - now[point]));
        }
        return largest;
    }
}
