package dev.penstock.models.architectures;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** How good scores are, given what the rows really are. */
final class Measurement {
    private Measurement() {}

    /**
     * {@code accuracy}, and {@code auc} where there are two labels and rows of both.
     *
     * @param scores {@code [rows, columns]}, flat: a column a label, or only that of the second of two
     * @param threshold from which a single column means the second label
     * @param labels one a row
     * @param count how many labels there are
     */
    static Map<String, Double> of(float[] scores, double threshold, int[] labels, int count) {
        int columns = scores.length / labels.length;
        int right = 0;
        float[] positive = new float[labels.length];
        for (int row = 0; row < labels.length; row++) {
            int at = row * columns;
            right += decided(scores, at, columns, threshold) == labels[row] ? 1 : 0;
            // Logits of two columns rank rows by their difference, and so do probabilities.
            positive[row] = columns == 1 ? scores[at] : scores[at + 1] - scores[at];
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", right / (double) labels.length);
        long positives = Arrays.stream(labels).filter(label -> label == 1).count();
        if (count == 2 && positives > 0 && positives < labels.length) {
            metrics.put("auc", auc(positive, labels));
        }
        return metrics;
    }

    private static int decided(float[] scores, int at, int columns, double threshold) {
        if (columns == 1) {
            return scores[at] >= threshold ? 1 : 0;
        }
        int best = 0;
        for (int column = 1; column < columns; column++) {
            if (scores[at + column] > scores[at + best]) {
                best = column;
            }
        }
        return best;
    }

    /**
     * The share of pairs of a positive and a negative row in which the positive one scores higher; a tie is half a pair
     * (Mann, Whitney 1947).
     */
    static double auc(float[] scores, int[] labels) {
        long[] order = new long[scores.length];
        for (int row = 0; row < order.length; row++) {
            order[row] = sortable(scores[row]) << 32 | row;
        }
        Arrays.sort(order);
        double ranks = 0;
        long positives = 0;
        for (int start = 0; start < order.length; ) {
            int end = start;
            while (end < order.length && order[end] >> 32 == order[start] >> 32) {
                end++;
            }
            double rank = (start + 1 + end) / 2.0;
            for (int index = start; index < end; index++) {
                if (labels[(int) order[index]] == 1) {
                    ranks += rank;
                    positives++;
                }
            }
            start = end;
        }
        long negatives = order.length - positives;
        return (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
    }

    /** A number whose order is the float's: of a float's bits the negative ones run backwards. */
    private static long sortable(float score) {
        int bits = Float.floatToIntBits(score + 0f);
        return bits >= 0 ? bits : ~bits ^ Integer.MIN_VALUE;
    }
}
