package dev.penstock.rollout.evidence;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What observations can be: known before the first is seen.
 *
 * @param low the least
 * @param high the greatest
 * @param largestWeight that one can have, 1 or more: greater ones are cut
 */
public record Bounds(double low, double high, double largestWeight) {
    public static final Bounds SHARE = new Bounds(0, 1, 1);
    public static final Bounds DIFFERENCE_OF_SHARES = new Bounds(-1, 1, 1);

    public Bounds {
        if (!(low < high) || !(largestWeight >= 1) || Double.isInfinite(high - low + largestWeight)) {
            throw new IllegalArgumentException(
                    "Cannot bound observations by %s and %s and weights by %s: bounds rise, weights are 1 or more, all are finite"
                            .formatted(low, high, largestWeight));
        }
    }

    /** Of the difference between two losses. */
    public static Bounds ofDifference(double largestLoss, double largestWeight) {
        return new Bounds(-largestLoss, largestLoss, largestWeight);
    }

    double middle() {
        return (low + high) / 2;
    }

    double width() {
        return high - low;
    }

    double require(double value) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(
                    "Cannot use observation %s: it is not between %s and %s".formatted(value, low, high));
        }
        return value;
    }

    double cut(double weight) {
        if (!(weight >= 0)) {
            throw new IllegalArgumentException("Cannot weigh an observation by %s: use 0 or more".formatted(weight));
        }
        return Math.min(weight, largestWeight);
    }

    void write(DataOutput out) throws IOException {
        out.writeDouble(low);
        out.writeDouble(high);
        out.writeDouble(largestWeight);
    }

    static Bounds read(DataInput in) throws IOException {
        return new Bounds(in.readDouble(), in.readDouble(), in.readDouble());
    }
}
