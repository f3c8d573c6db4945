package dev.penstock.models.architectures;

import java.util.concurrent.TimeUnit;

/**
 * Leaves the processor to others for a share of the time: after each piece of work it rests as long as it takes to keep the
 * share. The priority of a Java thread does nothing on Linux, so that resting is all that a thread can do for others; and
 * who needs the processor meanwhile waits for the piece to end, so that short pieces matter as much as a small share. For
 * one thread at a time.
 */
public final class DutyCycle {
    /** Of work whose pieces are shorter than it is worth to rest after: what others hardly notice. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final double share;
    private long unrestedNanos;

    /** @param share of the time that may be worked, above 0 to 1 */
    public DutyCycle(double share) {
        this.share = share;
    }

    /**
     * Rests, or not at all if the thread is interrupted.
     *
     * @param workedNanos since it last rested
     */
    public void rest(long workedNanos) {
        long nanos = restAfter(workedNanos);
        if (nanos > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The same for many small pieces: they are gathered until a rest is worth it. */
    public void restNowAndThen(long workedNanos) {
        unrestedNanos += workedNanos;
        if (unrestedNanos >= SHORTEST_NANOS) {
            rest(unrestedNanos);
            unrestedNanos = 0;
        }
    }

    long restAfter(long workedNanos) {
        return (long) (workedNanos * (1 - share) / share);
    }
}
