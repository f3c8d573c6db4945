package dev.penstock.inference.batching;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;

/**
 * How a pipeline's requests are gathered into batches.
 *
 * @param rows the most in one batch. On a processor 32 to 256 is flat for small networks, and beyond that only latency
 *     grows; a GPU wants 64 or more
 * @param age the longest that a row waits for others while they keep coming; 2 ms on a processor, 5 ms on a GPU. A row
 *     that comes alone does not wait
 * @param inFlight the most batches that are being scored at a time, each on a thread of its own
 * @param order in which outcomes leave
 * @param target the longest that a batch should take to be scored: the size of batches is found by additive increase
 *     and multiplicative decrease then, and {@code rows} bounds it. Zero for batches of {@code rows}
 */
public record BatchLimits(
        @Default("128") int rows,
        @Default("PT0.002S") Duration age,
        @Default("2") int inFlight,
        @Default("kept") Order order,
        @Default("PT0S") Duration target)
        implements Serializable {

    private static final int MOST_ROWS = 65_536;
    private static final int MOST_IN_FLIGHT = 64;
    private static final Duration LONGEST_AGE = Duration.ofMinutes(1);

    /** In which outcomes of one pipeline leave a task. */
    public enum Order {
        /** That of their requests. */
        KEPT,
        /** As batches are done: a slow one holds up none. */
        FREE
    }

    public BatchLimits {
        new Checks()
                .require(
                        rows >= 1 && rows <= MOST_ROWS,
                        "rows",
                        "%d is not between 1 and %d; 128 suits most".formatted(rows, MOST_ROWS))
                .require(
                        !age.isNegative() && age.compareTo(LONGEST_AGE) <= 0,
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
                .refuse("batching");
    }

    /** What suits small networks on a processor. */
    public static BatchLimits usual() {
        return new BatchLimits(128, Duration.ofMillis(2), 2, Order.KEPT, Duration.ZERO);
    }
}
