package dev.penstock.retrain.triggers;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;

/**
 * When a model is trained again. Whatever the cause, one training of a model runs at a time.
 *
 * @param newLabels requests with a label that no training has had yet, from which on one begins
 * @param largestShareOfOneSource of {@code newLabels} that count of one source, so that none starts a training alone; 1
 *     where there is but one source
 * @param every how long after a training the next begins with fewer new labels; PT0S for never
 * @param onDrift whether an alert of drift begins one
 * @param leastLabels new ones without which neither schedule nor drift begins one
 * @param pause after a training in which only a person begins the next
 * @param whileOnTrial whether to train while a candidate of the model is on trial; a person may in any case
 * @param attempts of one training, until it is given up
 * @param retryPause before the second attempt; twice as long before each further one
 */
public record TriggerSettings(
        @Default("1000") int newLabels,
        @Default("0.5") double largestShareOfOneSource,
        @Default("PT0S") Duration every,
        @Default("true") boolean onDrift,
        @Default("100") int leastLabels,
        @Default("PT10M") Duration pause,
        @Default("false") boolean whileOnTrial,
        @Default("3") int attempts,
        @Default("PT1M") Duration retryPause)
        implements Serializable {
    private static final int MOST_LABELS = 1_000_000;
    private static final int MOST_ATTEMPTS = 10;

    public TriggerSettings {
        new Checks()
                .require(
                        newLabels >= 1 && newLabels <= MOST_LABELS,
                        "new-labels",
                        "%d is not between 1 and %d".formatted(newLabels, MOST_LABELS))
                .require(
                        largestShareOfOneSource > 0 && largestShareOfOneSource <= 1,
                        "largest-share-of-one-source",
                        "%s is not above 0 and at most 1; 0.5 suits most, 1 where there is but one source"
                                .formatted(largestShareOfOneSource))
                .require(!every.isNegative(), "every", "%s is negative; use PT0S to have no schedule".formatted(every))
                .require(leastLabels >= 1, "least-labels", "%d is too few; use 1 or more".formatted(leastLabels))
                .require(!pause.isNegative(), "pause", "%s is negative; use PT0S or more".formatted(pause))
                .require(
                        attempts >= 1 && attempts <= MOST_ATTEMPTS,
                        "attempts",
                        "%d is not between 1 and %d".formatted(attempts, MOST_ATTEMPTS))
                .require(
                        !retryPause.isNegative(),
                        "retry-pause",
                        "%s is negative; use PT0S or more".formatted(retryPause))
                .refuse("triggers");
    }

    public static TriggerSettings usual() {
        return new TriggerSettings(
                1_000, 0.5, Duration.ZERO, true, 100, Duration.ofMinutes(10), false, 3, Duration.ofMinutes(1));
    }

    /** How many labels of one source count. */
    int mostOfOneSource() {
        return (int) Math.ceil(newLabels * largestShareOfOneSource);
    }

    Duration pauseBefore(int attempt) {
        return retryPause.multipliedBy(1L << Math.max(0, attempt - 2));
    }
}
