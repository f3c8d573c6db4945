package dev.penstock.models;

import dev.penstock.models.card.Calibration;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.Task;
import org.jspecify.annotations.Nullable;

/**
 * Divides logits by a temperature, as a card's calibration says. Logits are taken from probabilities, since not every
 * model gives them: their logarithms differ from them by a constant that softmax does not see. Immutable.
 */
public final class Temperature {
    /** The smallest normal float: a score of 0 has no logarithm. */
    private static final double LEAST = Float.MIN_NORMAL;

    private final double degrees;
    private final boolean exclusive;

    /** @param exclusive whether one label rules out the others */
    public Temperature(double degrees, boolean exclusive) {
        if (!(degrees > 0 && degrees < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "Cannot divide logits by a temperature of %s: it must be above 0".formatted(degrees));
        }
        this.degrees = degrees;
        this.exclusive = exclusive;
    }

    /** What the card's deciding output is to go through; null if its scores stay as they are. */
    public static @Nullable Temperature of(ModelCard card) {
        double degrees = card.calibration().map(Calibration::temperature).orElse(1.0);
        return degrees == 1 ? null : new Temperature(degrees, card.task() != Task.MULTILABEL);
    }

    /**
     * Calibrates one row in place. What is not finite stays so, and where labels rule each other out the others of such
     * a row stay as they are.
     *
     * @param scores one a label, each 0 to 1 or not finite
     */
    public void apply(float[] scores) {
        if (exclusive) {
            softmax(scores);
        } else {
            for (int label = 0; label < scores.length; label++) {
                if (Float.isFinite(scores[label])) {
                    scores[label] = sigmoid(scores[label]);
                }
            }
        }
    }

    /** The same row, calibrated. */
    public LabelledScores apply(LabelledScores scores) {
        float[] values = new float[scores.labels().size()];
        for (int label = 0; label < values.length; label++) {
            values[label] = scores.score(label);
        }
        apply(values);
        return new LabelledScores(scores.labels(), values);
    }

    private void softmax(float[] scores) {
        double highest = 0;
        for (float score : scores) {
            if (!Float.isFinite(score)) {
                return;
            }
            highest = Math.max(highest, score);
        }
        double top = Math.log(Math.max(LEAST, highest));
        double sum = 0;
        for (float score : scores) {
            sum += power(score, top);
        }
        for (int label = 0; label < scores.length; label++) {
            scores[label] = (float) (power(scores[label], top) / sum);
        }
    }

    /** Of the highest 1, so that nothing overflows. */
    private double power(float score, double top) {
        return Math.exp((Math.log(Math.max(LEAST, score)) - top) / degrees);
    }

    private float sigmoid(float score) {
        double yes = Math.log(Math.max(LEAST, score));
        double no = Math.log(Math.max(LEAST, 1 - (double) score));
        return (float) (1 / (1 + Math.exp((no - yes) / degrees)));
    }
}
