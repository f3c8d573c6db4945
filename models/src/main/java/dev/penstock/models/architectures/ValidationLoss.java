package dev.penstock.models.architectures;

import dev.penstock.models.card.OutputSpec;

/** How surprised a model is by labels: the mean of their negative log-likelihood. */
final class ValidationLoss {
    /** What is thought impossible and happens costs 16, and not more than everything else together. */
    private static final double LEAST = 1e-7;

    private ValidationLoss() {}

    /**
     * @param scores {@code [rows, columns]}, flat: a column a label, or only that of the second of two
     * @param labels one a row
     * @param weights one a row
     */
    static double of(float[] scores, OutputSpec.Kind kind, int[] labels, double[] weights) {
        int columns = scores.length / labels.length;
        double sum = 0;
        double weight = 0;
        for (int row = 0; row < labels.length; row++) {
            double likelihood = likelihood(scores, row * columns, columns, kind, labels[row]);
            // Written so that NaN counts as impossible.
            sum -= weights[row] * Math.log(likelihood > LEAST ? likelihood : LEAST);
            weight += weights[row];
        }
        return sum / weight;
    }

    private static double likelihood(float[] scores, int at, int columns, OutputSpec.Kind kind, int label) {
        boolean logits = kind == OutputSpec.Kind.LOGITS;
        if (columns == 1) {
            double positive = logits ? sigmoid(scores[at]) : scores[at];
            return label == 1 ? positive : 1 - positive;
        }
        if (!logits) {
            return scores[at + label];
        }
        double sum = 0;
        for (int column = 0; column < columns; column++) {
            sum += Math.exp((double) scores[at + column] - scores[at + label]);
        }
        return 1 / sum;
    }

    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
