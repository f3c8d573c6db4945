package dev.penstock.models.tensorflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many rows one call of a model should have. A larger call is cheaper a row as long as what its layers pass on fits
 * into the processor's caches, and dearer from there on: for a small dense network that is beyond a thousand rows, for a
 * small transformer beyond sixty. It depends on model and machine, so it is measured.
 */
final class CallSize {
    private static final int SMALLEST = 32;
    private static final int TIMES = 3;
    /** A size is as good as the best one if its rows take this much longer at most; then the larger call is taken. */
    private static final double AS_GOOD = 1.05;
    /** Larger calls are not tried: nobody wants to wait for them either. */
    private static final long LONGEST_NANOS = 250_000_000;

    private CallSize() {}

    /** Makes one call of so many rows. */
    interface Call {
        /** @return what it took, in nanoseconds of processor time */
        long nanos(int rows);
    }

    /**
     * @param most rows that there will be at a time
     * @return {@code most} if they are best asked for at once
     */
    static int measured(int most, Call call) {
        List<Integer> sizes = sizes(most);
        long[] nanos = new long[sizes.size()];
        Arrays.fill(nanos, Long.MAX_VALUE);
        int tried = sizes.size();
        // In turn, so that whatever else the machine does meets all sizes; the shortest time is the least disturbed.
        for (int time = 0; time < TIMES; time++) {
            for (int index = 0; index < tried; index++) {
                nanos[index] = Math.min(nanos[index], call.nanos(sizes.get(index)));
                if (nanos[index] > LONGEST_NANOS) {
                    tried = index + 1;
                }
            }
        }
        double best = Double.MAX_VALUE;
        for (int index = 0; index < tried; index++) {
            best = Math.min(best, (double) nanos[index] / sizes.get(index));
        }
        int chosen = sizes.get(0);
        for (int index = 0; index < tried; index++) {
            if ((double) nanos[index] / sizes.get(index) <= AS_GOOD * best) {
                chosen = sizes.get(index);
            }
        }
        return chosen;
    }

    private static List<Integer> sizes(int most) {
        List<Integer> sizes = new ArrayList<>();
        for (int size = SMALLEST; size < most; size *= 2) {
            sizes.add(size);
        }
        sizes.add(most);
        return sizes;
    }
}
