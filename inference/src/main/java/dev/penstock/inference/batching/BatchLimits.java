package dev.penstock.inference.batching;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;

/**
 * How a pipeline's requests are gathered into batches.
 *
 * @param rows the most in one batch; 0 for what suits the {@linkplain #on device}. On a processor 32 to 256 is flat for
 *     small networks, and beyond that only latency grows; a GPU wants 64 or more
 * @param age the longest that a row waits for others while they keep coming; below zero for what suits the device. A row
 *     that comes alone does not wait
 * @param inFlight the most batches that are being scored at a time, each on a thread of its own
 * @param order in which outcomes leave
 * @param target the longest that a batch should take to be scored: the size of batches is found by additive increase
 *     and multiplicative decrease then, and {@code rows} bounds it. Zero for batches of {@code rows}
 * @param cells the most in one call of a model whose texts are padded to different lengths: rows times the length that
 *     they have there. A batch with more is scored in several calls. Zero for any number
 */
public record BatchLimits(
        @Default("0") int rows,
        @Default("PT-1S") Duration age,
        @Default("2") int inFlight,
        @Default("kept") Order order,
        @Default("PT0S") Duration target,
        @Default("0") int cells)
        implements Serializable {

    private static final int MOST_ROWS = 65_536;
    private static final int MOST_IN_FLIGHT = 64;
    private static final Duration LONGEST_AGE = Duration.ofMinutes(1);
    private static final int BY_DEVICE = 0;
    private static final Duration AGE_BY_DEVICE = Duration.ofSeconds(-1);

    /** In which outcomes of one pipeline leave a task. */
    public enum Order {
        /** That of their requests, for each version that answers and for each entity, whichever version answers it. */
        KEPT,
        /** As batches are done: a slow one holds up none. */
        FREE
    }

    public BatchLimits {
        new Checks()
                .require(
                        rows >= BY_DEVICE && rows <= MOST_ROWS,
                        "rows",
                        "%d is not between 1 and %d; leave it out, and the device decides".formatted(rows, MOST_ROWS))
                .require(
                        age.equals(AGE_BY_DEVICE) || (!age.isNegative() && age.compareTo(LONGEST_AGE) <= 0),
                        "age",
                        "%s is not between PT0S and %s; use a duration such as PT0.002S".formatted(age, LONGEST_AGE))
                .require(
                        inFlight >= 1 && inFlight <= MOST_IN_FLIGHT,
                        "in-flight",
                        "%d is not between 1 and %d; 2 suits most".formatted(inFlight, MOST_IN_FLIGHT))
                .require(
                        target.isZero() || target.toMillis() >= 1,
                        "target",
                        "%s is below a millisecond; use a duration such as PT0.02S, or leave it out".formatted(target))
                .require(
                        cells >= 0,
                        "cells",
                        "%d is negative; use a number such as 16384, or leave it out".formatted(cells))
                .refuse("batching");
    }

    /** For calls of any number of cells. */
    public BatchLimits(int rows, Duration age, int inFlight, Order order, Duration target) {
        this(rows, age, inFlight, order, target, 0);
    }

    /** What suits small networks on a processor. */
    public static BatchLimits usual() {
        return new BatchLimits(BY_DEVICE, AGE_BY_DEVICE, 2, Order.KEPT, Duration.ZERO).on(Device.PROCESSOR);
    }

    /** The same with what was not said chosen for the device: 128 rows and 2 ms, on a GPU 64 rows and 5 ms. */
    public BatchLimits on(Device device) {
        boolean isGpu = device == Device.GPU;
        return new BatchLimits(
                rows == BY_DEVICE ? (isGpu ? 64 : 128) : rows,
                age.isNegative() ? Duration.ofMillis(isGpu ? 5 : 2) : age,
                inFlight,
                order,
                target,
                cells);
    }
}
