package dev.penstock.models.architectures;

/** How much more an example of a rare label counts while training. */
public enum ClassWeights {
    /** All count the same: probabilities keep the shares that labels have in the data. */
    NONE,
    /** By the inverse square root of the label's share. */
    SQUARE_ROOT,
    /** By the inverse of its share: all labels together count the same, and rare ones get too high probabilities. */
    BALANCED;

    /** One weight a label, such that the examples' weights have the mean 1. */
    double[] of(int[] counts) {
        double[] weights = new double[counts.length];
        double examples = 0;
        double weighted = 0;
        for (int label = 0; label < counts.length; label++) {
            weights[label] = switch (this) {
                case NONE -> 1;
                case SQUARE_ROOT -> 1 / Math.sqrt(Math.max(1, counts[label]));
                case BALANCED -> 1.0 / Math.max(1, counts[label]);
            };
            examples += counts[label];
            weighted += counts[label] * weights[label];
        }
        for (int label = 0; label < counts.length; label++) {
            weights[label] *= examples / weighted;
        }
        return weights;
    }
}
