package dev.penstock.models.tensorflow;

import dev.penstock.models.card.OutputSpec;

/** What makes scores of a row of an output. Computed in float64; what is not a number stays so. */
enum Activation {
    /** They are scores already. */
    NONE {
        @Override
        void apply(float[] values, int start, int columns, float[] scores) {
            for (int column = 0; column < columns; column++) {
                scores[column] = probability(values[start + column]);
            }
        }
    },
    SOFTMAX {
        @Override
        void apply(float[] values, int start, int columns, float[] scores) {
            double highest = Double.NEGATIVE_INFINITY;
            for (int column = 0; column < columns; column++) {
                highest = Math.max(highest, values[start + column]);
            }
            double sum = 0;
            for (int column = 0; column < columns; column++) {
                // The highest becomes 1, so that nothing overflows.
                sum += Math.exp(values[start + column] - highest);
            }
            for (int column = 0; column < columns; column++) {
                scores[column] = (float) (Math.exp(values[start + column] - highest) / sum);
            }
        }
    },
    SIGMOID {
        @Override
        void apply(float[] values, int start, int columns, float[] scores) {
            for (int column = 0; column < columns; column++) {
                scores[column] = (float) sigmoid(values[start + column]);
            }
        }
    },
    /** One column, the probability of the second of two labels. */
    SECOND {
        @Override
        void apply(float[] values, int start, int columns, float[] scores) {
            scores[1] = probability(values[start]);
            scores[0] = (float) (1 - (double) scores[1]);
        }
    },
    /** One column, the logit of the second of two labels. */
    SECOND_SIGMOID {
        @Override
        void apply(float[] values, int start, int columns, float[] scores) {
            scores[0] = (float) sigmoid(-values[start]);
            scores[1] = (float) sigmoid(values[start]);
        }
    };

    /** Rounding leaves sums of float16 and bfloat16 this far outside of 0 to 1. */
    private static final float ROUNDING = 0.01f;

    /**
     * @param scores one per label
     * @throws UnservableException for a number that is no probability where the card says that there are some
     */
    abstract void apply(float[] values, int start, int columns, float[] scores);

    /** For answers whose columns are as many as labels; {@link #forColumns} knows better. */
    static Activation of(OutputSpec output, boolean exclusive) {
        if (output.kind() == OutputSpec.Kind.PROBABILITIES) {
            return NONE;
        }
        return exclusive ? SOFTMAX : SIGMOID;
    }

    /** The same for an answer of so many columns. */
    Activation forColumns(int columns, int labels) {
        if (columns == labels) {
            return this;
        }
        return this == NONE ? SECOND : SECOND_SIGMOID;
    }

    private static float probability(float value) {
        if (!Float.isFinite(value)) {
            return value;
        }
        if (value < -ROUNDING || value > 1 + ROUNDING) {
            throw new UnservableException(
                    "it gave %s where its card says that there are probabilities; write 'logits' if that is what they are"
                            .formatted(value));
        }
        return Math.max(0, Math.min(1, value));
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
