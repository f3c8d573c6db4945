package dev.penstock.rollout.evidence;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether confidence is distributed otherwise than it was where it could do no harm. First it learns; once it compares, it
 * bets at five places of the learned distribution function that the share below differs by more than the limit, up and
 * down, and the mean of these ten e-processes is one as well. The greatest difference at the five is what is estimated: the
 * Kolmogorov-Smirnov distance is that or more.
 *
 * <p>For one thread at a time.
 */
public final class ScoreShift {
    private static final int BINS = 64;
    private static final double[] PLACES = {0.1, 0.3, 0.5, 0.7, 0.9};

    private final double limit;
    private final int windowSize;
    private final long[] learned = new long[BINS];
    private long rowsLearned;
    private final List<Tail> tails = new ArrayList<>();
    private long rowsCompared;

    /** @param share that was at or below the edge of the bin */
    private record Tail(int bin, double share, Watch watch) {}

    /**
     * @param limit of the difference, above 0
     * @param windowSize in observations
     */
    public ScoreShift(double limit, int windowSize) {
        this.limit = limit;
        this.windowSize = windowSize;
    }

    /** @param confidence 0 to 1 */
    public void learn(double confidence) {
        learned[bin(confidence)]++;
        rowsLearned++;
    }

    /** @param confidence 0 to 1 */
    public void compare(double confidence) {
        if (rowsLearned == 0) {
            return;
        }
        if (rowsCompared == 0) {
            begin();
        }
        rowsCompared++;
        int bin = bin(confidence);
        for (Tail tail : tails) {
            tail.watch().observe(bin <= tail.bin() ? 1 : 0, 1);
        }
    }

    private void begin() {
        int last = -1;
        for (double place : PLACES) {
            long seen = 0;
            int bin = -1;
            while (seen < place * rowsLearned) {
                seen += learned[++bin];
            }
            double share = (double) seen / rowsLearned;
            if (bin == last) {
                continue;
            }
            last = bin;
            // A share that cannot rise or fall by the limit needs nobody to watch it.
            if (share + limit < 1) {
                tails.add(new Tail(bin, share, Watch.above(share + limit, Bounds.SHARE, windowSize)));
            }
            if (share - limit > 0) {
                tails.add(new Tail(bin, share, Watch.below(share - limit, Bounds.SHARE, windowSize)));
            }
        }
    }

    public boolean shows(double alpha) {
        double mean = 0;
        for (Tail tail : tails) {
            mean += tail.watch().wealth() / tails.size();
        }
        return !tails.isEmpty() && mean >= 1 / alpha;
    }

    /** The greatest difference between the distribution functions where it is looked at; 0 if nothing was compared. */
    public double estimate() {
        return tails.stream()
                .mapToDouble(tail -> Math.abs(tail.watch().whole().estimate() - tail.share()))
                .max()
                .orElse(0);
    }

    public long count() {
        return rowsCompared;
    }

    private static int bin(double confidence) {
        return (int) Math.min(BINS - 1, Math.max(0, confidence * BINS));
    }

    public void write(DataOutput out) throws IOException {
        out.writeDouble(limit);
        out.writeInt(windowSize);
        for (long rows : learned) {
            out.writeLong(rows);
        }
        out.writeLong(rowsCompared);
        out.writeInt(tails.size());
        for (Tail tail : tails) {
            out.writeInt(tail.bin());
            out.writeDouble(tail.share());
            tail.watch().write(out);
        }
    }

    public static ScoreShift read(DataInput in) throws IOException {
        ScoreShift shift = new ScoreShift(in.readDouble(), in.readInt());
        for (int bin = 0; bin < BINS; bin++) {
            shift.learned[bin] = in.readLong();
            shift.rowsLearned += shift.learned[bin];
        }
        shift.rowsCompared = in.readLong();
        int tails = in.readInt();
        for (int tail = 0; tail < tails; tail++) {
            shift.tails.add(new Tail(in.readInt(), in.readDouble(), Watch.read(in)));
        }
        return shift;
    }
}
