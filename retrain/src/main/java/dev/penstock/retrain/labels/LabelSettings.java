package dev.penstock.retrain.labels;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;

/**
 * How labels are joined with requests.
 *
 * @param retention how long a request waits for its label, and a label for its request; a label that comes later is counted
 *     and dropped
 * @param decisionPatience how long a labelled request waits for what was decided about it, where no rolling feature is
 *     needed from there; a decision that comes later replaces the example
 * @param largestWeight of an example, however rarely a request like it is let through
 */
public record LabelSettings(
        @Default("P30D") Duration retention,
        @Default("PT1M") Duration decisionPatience,
        @Default("20") double largestWeight)
        implements Serializable {
    public LabelSettings {
        new Checks()
                .require(
                        retention.toMillis() >= 1,
                        "retention",
                        "%s is not positive; use a duration such as P30D".formatted(retention))
                .require(
                        !decisionPatience.isNegative() && decisionPatience.compareTo(retention) < 0,
                        "decision-patience",
                        "%s is not between PT0S and the retention of %s".formatted(decisionPatience, retention))
                .require(
                        largestWeight >= 1 && Double.isFinite(largestWeight),
                        "largest-weight",
                        "%s is below 1; 20 suits most".formatted(largestWeight))
                .refuse("labels");
    }

    public static LabelSettings usual() {
        return new LabelSettings(Duration.ofDays(30), Duration.ofMinutes(1), 20);
    }
}
