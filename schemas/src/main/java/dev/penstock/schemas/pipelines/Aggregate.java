package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;

/**
 * What is computed of the events that had the same key before, and of the present one. Time is the events' own.
 *
 * <p>A window ends with the present event, which is in it, and begins {@code window} earlier, give or take a 24th of it.
 * With a {@code delay} it ends that much earlier, or up to a 24th of the window before that: nothing younger than the
 * delay is seen.
 */
public sealed interface Aggregate extends Serializable {

    /** Name of the number that it is computed of, if there is one. */
    default Optional<String> number() {
        return this instanceof OfNumber own ? Optional.of(own.of()) : Optional.empty();
    }

    /** The field whose values it counts, if there is one. */
    default Optional<RequestField> field() {
        return Optional.empty();
    }

    /** One that is computed of a number over a stretch of time. */
    interface OfNumber extends Windowed {
        String of();
    }

    /** One over a stretch of time. */
    interface Windowed {
        Duration window();

        Duration delay();
    }

    /** How many events there were. */
    record Count(Duration window, @Default("PT0S") Duration delay) implements Aggregate, Windowed {
        public Count {
            check(window, delay, "count");
        }
    }

    /**
     * Of a number over all events that have it: 0 without any.
     *
     * @param of name of a number of the payload, here and below
     */
    record Sum(String of, Duration window, @Default("PT0S") Duration delay) implements Aggregate, OfNumber {
        public Sum {
            check(window, delay, "sum");
        }
    }

    /** Of a number over all events that have it; missing without any. */
    record Mean(String of, Duration window, @Default("PT0S") Duration delay) implements Aggregate, OfNumber {
        public Mean {
            check(window, delay, "mean");
        }
    }

    /** The least of a number; missing without any. */
    record Min(String of, Duration window, @Default("PT0S") Duration delay) implements Aggregate, OfNumber {
        public Min {
            check(window, delay, "min");
        }
    }

    /** The greatest of a number; missing without any. */
    record Max(String of, Duration window, @Default("PT0S") Duration delay) implements Aggregate, OfNumber {
        public Max {
            check(window, delay, "max");
        }
    }

    /** How many different values a field had: for fewer than a hundred nearly exact, beyond with a standard error of 3 %. */
    record Distinct(
            RequestField of,
            Duration window,
            @Default("PT0S") Duration delay) implements Aggregate, Windowed {
        public Distinct {
            check(window, delay, "distinct");
        }

        @Override
        public Optional<RequestField> field() {
            return Optional.of(of);
        }
    }

    /**
     * Seconds since the latest event before this one; missing for the first, 0 for one that comes out of order.
     *
     * @param atMost after so long without an event the key counts as new
     */
    record SinceLast(@Default("P90D") Duration atMost) implements Aggregate {
        public SinceLast {
            new Checks()
                    .require(
                            atMost.compareTo(Windows.SHORTEST) >= 0 && atMost.compareTo(Windows.LONGEST) <= 0,
                            "at-most",
                            "%s is not between %s and %s".formatted(atMost, Windows.SHORTEST, Windows.LONGEST))
                    .refuse("since-last");
        }
    }

    /** A number divided by its mean over the events before this one; missing without any, or if that mean is 0. */
    record RatioToMean(
            String of, Duration window, @Default("PT0S") Duration delay) implements Aggregate, OfNumber {
        public RatioToMean {
            check(window, delay, "ratio-to-mean");
        }
    }

    /**
     * The share of events that feedback gave the label; missing without any event. Labels take time: without a delay the
     * newest events count as if they did not have it.
     *
     * @param label of the model's
     */
    record LabelShare(
            String label, Duration window, @Default("PT0S") Duration delay) implements Aggregate, Windowed {
        public LabelShare {
            check(window, delay, "label-share");
        }
    }

    private static void check(Duration window, Duration delay, String name) {
        new Checks()
                .require(
                        window.compareTo(Windows.SHORTEST) >= 0 && window.compareTo(Windows.LONGEST) <= 0,
                        "window",
                        "%s is not between %s and %s".formatted(window, Windows.SHORTEST, Windows.LONGEST))
                .require(
                        !delay.isNegative() && delay.compareTo(Windows.LONGEST) <= 0,
                        "delay",
                        "%s is not between PT0S and %s".formatted(delay, Windows.LONGEST))
                .refuse(name);
    }
}
