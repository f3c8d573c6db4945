package dev.penstock.rollout.evidence;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * An interval for the weighted mean of bounded observations that holds at all times together: the predictable plug-in
 * empirical Bernstein confidence sequence (I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by
 * betting", Journal of the Royal Statistical Society B 86(1), 2024, theorem 2).
 *
 * <p>With weights it is the set of means {@code m} for which zero is in the sequence of {@code w * (z - m)}: both sides of
 * that inequality are polynomials in {@code m}, so six sums are all there is to keep. Where every weight is 1 it is the
 * paper's, exactly.
 *
 * <p>Where an observation turns out to have been another, the estimate moves, and the bound in that direction gives way by
 * the most that the change can matter; the other stays.
 *
 * <p>Takes the same time and room for each observation. For one thread at a time.
 */
public final class ConfidenceSequence {
    private static final double LARGEST_RATE = 0.5;

    private final Bounds bounds;
    private final double alpha;
    private long count;
    private double weights;
    private double values;
    private double squares;
    private double rateTimesValues;
    private double rateTimesWeights;
    private double spreadOfValues;
    private double spreadOfBoth;
    private double spreadOfWeights;
    private double largestRate;
    /** What corrections may take from the sum that a bound is made of. */
    private double lessBelow;

    private double moreAbove;

    /** @param alpha the most that the probability of ever missing the mean may be */
    public ConfidenceSequence(double alpha, Bounds bounds) {
        if (!(alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException(
                    "Cannot miss with probability %s: use one between 0 and 1".formatted(alpha));
        }
        this.alpha = alpha;
        this.bounds = bounds;
    }

    public void observe(double value, double weight) {
        double scale = bounds.largestWeight() * bounds.width();
        double cut = bounds.cut(weight);
        double weighted = cut * bounds.require(value) / scale;
        double share = cut / scale;

        double rate = rate();
        largestRate = Math.max(largestRate, rate);
        double penalty = penalty(rate);
        double valueOff = weighted - guessedValue(scale);
        double weightOff = share - guessedWeight(scale);
        rateTimesValues += rate * weighted;
        rateTimesWeights += rate * share;
        spreadOfValues += penalty * valueOff * valueOff;
        spreadOfBoth += penalty * valueOff * weightOff;
        spreadOfWeights += penalty * weightOff * weightOff;

        count++;
        weights += share;
        values += weighted;
        double deviation = weighted - guessedValue(scale) - estimate() * (share - guessedWeight(scale));
        squares += deviation * deviation;
    }

    /**
     * Takes note that something that was observed was another value.
     *
     * @param weight with which it was observed
     */
    public void correct(double before, double after, double weight) {
        double scale = bounds.largestWeight() * bounds.width();
        double change = bounds.cut(weight) * (bounds.require(after) - bounds.require(before)) / scale;
        values += change;
        // Its square was at least 0 and is at most 1.
        double spread = change == 0 ? 0 : penalty(largestRate);
        lessBelow += spread + largestRate * Math.max(0, -change);
        moreAbove += spread + largestRate * Math.max(0, change);
    }

    private static double penalty(double rate) {
        return -Math.log1p(-rate) - rate;
    }

    private double rate() {
        double typical = 0.5 / bounds.largestWeight();
        double variance = (typical * typical + squares) / (count + 1);
        double next = count + 1.0;
        return Math.min(LARGEST_RATE, Math.sqrt(2 * Math.log(2 / alpha) / (variance * next * Math.log1p(next))));
    }

    private double guessedValue(double scale) {
        return (bounds.middle() / scale + values) / (count + 1);
    }

    private double guessedWeight(double scale) {
        return (1 / scale + weights) / (count + 1);
    }

    public long count() {
        return count;
    }

    /** Weighted mean of what was observed; the middle of the bounds if there was nothing. */
    public double estimate() {
        return weights == 0 ? bounds.middle() : values / weights;
    }

    public double lower() {
        double slope = rateTimesWeights - 2 * spreadOfBoth;
        double rest = spreadOfValues + Math.log(2 / alpha) - rateTimesValues + lessBelow;
        double discriminant = slope * slope - 4 * spreadOfWeights * rest;
        double divisor = slope + Math.sqrt(discriminant);
        return discriminant < 0 || !(divisor > 0) ? bounds.low() : Math.max(bounds.low(), -2 * rest / divisor);
    }

    public double upper() {
        double slope = rateTimesWeights + 2 * spreadOfBoth;
        double rest = spreadOfValues + Math.log(2 / alpha) + rateTimesValues + moreAbove;
        double discriminant = slope * slope - 4 * spreadOfWeights * rest;
        double divisor = slope + Math.sqrt(discriminant);
        return discriminant < 0 || !(divisor > 0) ? bounds.high() : Math.min(bounds.high(), 2 * rest / divisor);
    }

    public void write(DataOutput out) throws IOException {
        out.writeDouble(alpha);
        bounds.write(out);
        out.writeLong(count);
        out.writeDouble(weights);
        out.writeDouble(values);
        out.writeDouble(squares);
        out.writeDouble(rateTimesValues);
        out.writeDouble(rateTimesWeights);
        out.writeDouble(spreadOfValues);
        out.writeDouble(spreadOfBoth);
        out.writeDouble(spreadOfWeights);
    }

    /** What {@link #write} does not: written apart, since bytes from before there were corrections are without. */
    public void writeCorrections(DataOutput out) throws IOException {
        out.writeDouble(largestRate);
        out.writeDouble(lessBelow);
        out.writeDouble(moreAbove);
    }

    public void readCorrections(DataInput in) throws IOException {
        largestRate = in.readDouble();
        lessBelow = in.readDouble();
        moreAbove = in.readDouble();
    }

    /** Nothing is corrected, and the rate may have been as large as it can be. */
    public static ConfidenceSequence read(DataInput in) throws IOException {
        ConfidenceSequence sequence = new ConfidenceSequence(in.readDouble(), Bounds.read(in));
        sequence.count = in.readLong();
        sequence.weights = in.readDouble();
        sequence.values = in.readDouble();
        sequence.squares = in.readDouble();
        sequence.rateTimesValues = in.readDouble();
        sequence.rateTimesWeights = in.readDouble();
        sequence.spreadOfValues = in.readDouble();
        sequence.spreadOfBoth = in.readDouble();
        sequence.spreadOfWeights = in.readDouble();
        sequence.largestRate = sequence.count == 0 ? 0 : LARGEST_RATE;
        return sequence;
    }
}
