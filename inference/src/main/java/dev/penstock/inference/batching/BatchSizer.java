package dev.penstock.inference.batching;

import java.util.concurrent.TimeUnit;

/** How many rows a batch may have now. */
interface BatchSizer {
    int rows();

    /**
     * Learns from a batch that was scored.
     *
     * @param isFull whether it had all the rows that it might have
     */
    void scored(boolean isFull, long nanos);

    static BatchSizer of(BatchLimits limits) {
        return limits.target().isZero()
                ? new Fixed(limits.rows())
                : new Adaptive(limits.rows(), limits.target().toNanos());
    }

    /** The same for ever. */
    record Fixed(int rows) implements BatchSizer {
        @Override
        public void scored(boolean isFull, long nanos) {}
    }

    /**
     * Additive increase while full batches meet the target, and a small multiplicative decrease when one does not: the
     * scheme of Crankshaw et al., "Clipper: a low-latency online prediction serving system", NSDI 2017, section 4.3.1,
     * and its decrease of 10 %, since what a batch takes varies little.
     */
    final class Adaptive implements BatchSizer {
        private static final int STEP = 4;
        private static final double BACK_OFF = 0.9;

        private final int most;
        private final long targetNanos;
        private int rows;

        Adaptive(int most, long targetNanos) {
            this.most = most;
            this.targetNanos = targetNanos;
            this.rows = Math.min(STEP, most);
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public void scored(boolean isFull, long nanos) {
            if (nanos > targetNanos) {
                rows = Math.max(1, (int) (rows * BACK_OFF));
            } else if (isFull) {
                rows = Math.min(most, rows + STEP);
            }
        }

        @Override
        public String toString() {
            return "%d rows for %d ms".formatted(rows, TimeUnit.NANOSECONDS.toMillis(targetNanos));
        }
    }
}
