package dev.penstock.rollout.evidence;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A bet that the mean of bounded observations lies beyond a threshold: its wealth is an e-process for the hypothesis that
 * it does not.
 *
 * <p>At each observation {@code z} the wealth is multiplied by {@code 1 + stake * w * (z - threshold) / largestWeight}, or
 * the same with the sign turned. The stake is chosen before the observation is seen: approximately the one by which wealth
 * would have grown fastest so far (aGRAPA in I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables
 * by betting", Journal of the Royal Statistical Society B 86(1), 2024, section B.3), cut so that no observation can ruin
 * it. Nothing is assumed of observations but that, whatever came before, each has a mean within the hypothesis; they need
 * neither be independent nor alike.
 *
 * <p>Weights are inverse propensities or certainties: the mean that is tested is the weighted one. The weight of an
 * observation may depend on it, so the stake does not depend on the weight.
 *
 * <p>What was bet cannot be taken back: stakes that came later were made of it. Where an observation turns out to have been
 * another, its factor becomes what it would have been, at the largest stake there ever was, if that is less, and stays as
 * it is if that is more. So the wealth is never above that of a bet with the same stakes that had known better, which is an
 * e-process too, as its stakes are made of the past all the same.
 *
 * <p>Takes the same time and room for each observation. For one thread at a time.
 */
public final class Bet {
    /** Share of the wealth that the worst observation may take; the paper recommends 1/2 to 9/10. */
    private static final double LARGEST_LOSS = 0.9;

    private final Bounds bounds;
    private final double threshold;
    private final boolean above;
    private long count;
    private double weights;
    private double sum;
    private double squares;
    private double logWealth;
    private double mostLogWealth;
    private double largestStake;
    /** By how much the logarithm of the wealth is lower for what turned out otherwise. */
    private double corrections;

    private Bet(Bounds bounds, double threshold, boolean above) {
        if (!(threshold > bounds.low() && threshold < bounds.high())) {
            throw new IllegalArgumentException("Cannot bet on a mean beyond %s: observations lie between %s and %s"
                    .formatted(threshold, bounds.low(), bounds.high()));
        }
        this.bounds = bounds;
        this.threshold = threshold;
        this.above = above;
    }

    /** Evidence against a mean of at most the threshold. */
    public static Bet above(double threshold, Bounds bounds) {
        return new Bet(bounds, threshold, true);
    }

    /** Evidence against a mean of at least the threshold. */
    public static Bet below(double threshold, Bounds bounds) {
        return new Bet(bounds, threshold, false);
    }

    /** The same bet, with the same wealth; what each sees from now on is its own. */
    public Bet copy() {
        Bet copy = new Bet(bounds, threshold, above);
        copy.count = count;
        copy.weights = weights;
        copy.sum = sum;
        copy.squares = squares;
        copy.logWealth = logWealth;
        copy.mostLogWealth = mostLogWealth;
        copy.largestStake = largestStake;
        copy.corrections = corrections;
        return copy;
    }

    /** A bet on the same that has seen nothing. */
    Bet anew() {
        return new Bet(bounds, threshold, above);
    }

    /** @throws IllegalArgumentException if the observation is out of bounds or the weight is negative */
    public void observe(double value, double weight) {
        double share = share(weight);
        double gain = gain(value, share);
        double stake = stake();
        largestStake = Math.max(largestStake, stake);
        logWealth += Math.log(1 + stake * gain);
        mostLogWealth = Math.max(mostLogWealth, logWealth);
        count++;
        weights += share;
        sum += gain;
        double deviation = gain - mean();
        squares += deviation * deviation;
    }

    /**
     * Takes note that something that was observed was another value. Wealth only falls by it; the estimate moves either way.
     *
     * @param weight with which it was observed
     * @throws IllegalArgumentException if a value is out of bounds or the weight is negative
     */
    public void correct(double before, double after, double weight) {
        double share = share(weight);
        double was = gain(before, share);
        double is = gain(after, share);
        sum += is - was;
        corrections += Math.max(0, Math.log(1 + largestStake * was) - Math.log(1 + largestStake * is));
    }

    private double share(double weight) {
        return bounds.cut(weight) / bounds.largestWeight();
    }

    private double gain(double value, double share) {
        return share * (bounds.require(value) - threshold) * (above ? 1 : -1);
    }

    /** Predictable: made of what came before only. */
    private double stake() {
        double mean = mean();
        if (mean <= 0) {
            return 0;
        }
        return Math.min(mostStake(), mean / (variance() + mean * mean));
    }

    private double mostStake() {
        return LARGEST_LOSS / (above ? threshold - bounds.low() : bounds.high() - threshold);
    }

    /** As if one observation of weight 1 in the middle of the bounds had come first. */
    private double mean() {
        double middle = (bounds.middle() - threshold) / bounds.largestWeight();
        return ((above ? middle : -middle) + sum) / (count + 1);
    }

    private double variance() {
        double deviation = bounds.width() / 2 / bounds.largestWeight();
        return (deviation * deviation + squares) / (count + 1);
    }

    /** Natural logarithm of the wealth now. */
    public double logWealth() {
        return logWealth - corrections;
    }

    /**
     * Whether the wealth has ever been so great that the hypothesis is rejected at this level, as far as is known now of what
     * was observed.
     */
    public boolean shows(double alpha) {
        return mostLogWealth - corrections >= -Math.log(alpha);
    }

    public long count() {
        return count;
    }

    /** Weighted mean of what was observed; the threshold if there was nothing. */
    public double estimate() {
        return weights == 0 ? threshold : threshold + (above ? sum : -sum) / weights;
    }

    /**
     * By how much the mean would have to lie beyond the threshold for so many observations, varying as much as these, to
     * show it more likely than not: where wealth, which grows by half the squared effect over the variance for each, makes
     * up for 1/alpha and for what is lost while the stake is learned (half the logarithm of the count). Infinite without
     * observations.
     */
    public double smallestEffect(double alpha) {
        if (count == 0 || weights == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double needed = -Math.log(alpha) + Math.log(count + 1.0) / 2;
        return Math.sqrt(2 * variance() * needed / count) * count / weights;
    }

    public void write(DataOutput out) throws IOException {
        bounds.write(out);
        out.writeDouble(threshold);
        out.writeBoolean(above);
        out.writeLong(count);
        out.writeDouble(weights);
        out.writeDouble(sum);
        out.writeDouble(squares);
        out.writeDouble(logWealth);
        out.writeDouble(mostLogWealth);
    }

    /** What {@link #write} does not: written apart, since bytes from before there were corrections are without. */
    public void writeCorrections(DataOutput out) throws IOException {
        out.writeDouble(largestStake);
        out.writeDouble(corrections);
    }

    public void readCorrections(DataInput in) throws IOException {
        largestStake = in.readDouble();
        corrections = in.readDouble();
    }

    /** Nothing is corrected, and the stake may have been as large as it can be. */
    public static Bet read(DataInput in) throws IOException {
        Bet bet = new Bet(Bounds.read(in), in.readDouble(), in.readBoolean());
        bet.count = in.readLong();
        bet.weights = in.readDouble();
        bet.sum = in.readDouble();
        bet.squares = in.readDouble();
        bet.logWealth = in.readDouble();
        bet.mostLogWealth = in.readDouble();
        bet.largestStake = bet.count == 0 ? 0 : bet.mostStake();
        return bet;
    }
}
