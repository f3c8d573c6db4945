package dev.penstock.rollout.evidence;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A bet that also notices what begins late: half of the wealth is on the whole time, the other half is spread over bets
 * that begin anew with each window, {@code 1/(k(k+1))} on the k-th. What has not begun yet keeps its wealth, and so does
 * what has ended, so the sum is an e-process as each part is, and one level holds for all windows there will ever be. A
 * single bet that has seen ten thousand good rows would need thousands of bad ones to be convinced.
 *
 * <p>Mixtures over where a change begins are in J. Shin, A. Ramdas and A. Rinaldo, "E-detectors: a nonparametric framework
 * for sequential change detection", New England Journal of Statistics in Data Science 2(2), 2024.
 */
public final class Watch {
    /** Far beyond any evidence that is asked for, and below what a sum could not hold. */
    private static final double MOST_LOG_WEALTH = 690;

    private final int windowSize;
    private final Bet whole;
    private Bet window;
    private long windows = 1;
    private double ended;
    private double mostWealth = 1;

    private Watch(Bet whole, Bet window, int windowSize) {
        this.whole = whole;
        this.window = window;
        this.windowSize = windowSize;
    }

    /**
     * Evidence against a mean of at most the threshold.
     *
     * @param windowSize in observations, 1 or more
     */
    public static Watch above(double threshold, Bounds bounds, int windowSize) {
        return new Watch(Bet.above(threshold, bounds), Bet.above(threshold, bounds), windowSize);
    }

    /** Evidence against a mean of at least the threshold. */
    public static Watch below(double threshold, Bounds bounds, int windowSize) {
        return new Watch(Bet.below(threshold, bounds), Bet.below(threshold, bounds), windowSize);
    }

    public void observe(double value, double weight) {
        if (window.count() >= windowSize) {
            ended += share(windows) * wealth(window);
            windows++;
            window = window.anew();
        }
        whole.observe(value, weight);
        window.observe(value, weight);
        mostWealth = Math.max(mostWealth, wealth());
    }

    /** The wealth now, of 1 at the beginning; what is beyond 1e300 is not told apart. */
    public double wealth() {
        double notBegun = 1.0 / (windows + 1);
        return (wealth(whole) + ended + share(windows) * wealth(window) + notBegun) / 2;
    }

    /** Whether the wealth has ever been so great that the hypothesis is rejected at this level. */
    public boolean shows(double alpha) {
        return mostWealth >= 1 / alpha;
    }

    /** What was seen since the beginning. */
    public Bet whole() {
        return whole;
    }

    /** What was seen in the current window. */
    public Bet window() {
        return window;
    }

    private static double share(long window) {
        return 1.0 / (window * (window + 1));
    }

    private static double wealth(Bet bet) {
        return Math.exp(Math.min(MOST_LOG_WEALTH, bet.logWealth()));
    }

    public void write(DataOutput out) throws IOException {
        out.writeInt(windowSize);
        whole.write(out);
        window.write(out);
        out.writeLong(windows);
        out.writeDouble(ended);
        out.writeDouble(mostWealth);
    }

    public static Watch read(DataInput in) throws IOException {
        int windowSize = in.readInt();
        Watch watch = new Watch(Bet.read(in), Bet.read(in), windowSize);
        watch.windows = in.readLong();
        watch.ended = in.readDouble();
        watch.mostWealth = in.readDouble();
        return watch;
    }
}
