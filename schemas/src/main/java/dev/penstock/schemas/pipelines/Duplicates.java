package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.time.Duration;

/**
 * Which events count as seen before: those with the id of one that arrived less than the window earlier.
 *
 * @param window by the timestamps of the source's records, up to a year, 0 to keep duplicates; what it costs is a key of disk and of
 *     changelog for each event in it
 */
public record Duplicates(@Default("PT1H") Duration window) {
    private static final Duration LONGEST = Duration.ofDays(365);

    public Duplicates {
        new Checks()
                .require(
                        !window.isNegative() && window.compareTo(LONGEST) <= 0,
                        "window",
                        "%s is not between PT0S, which keeps duplicates, and %s".formatted(window, LONGEST))
                .refuse("duplicates");
    }

    public boolean dropped() {
        return !window.isZero();
    }
}
