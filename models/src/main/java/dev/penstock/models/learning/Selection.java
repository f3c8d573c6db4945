package dev.penstock.models.learning;

/**
 * Which labelled requests a training looks at. Together with the size of a payload this bounds its memory: every request
 * that is selected is held, once as it is and once as a row of the model.
 *
 * @param heldOutShare of all requests, that no version learns from
 * @param mostOlder of those that earlier trainings saw: a sample, so that a version does not forget, 0 or more
 * @param mostTraining to learn from in all, 1 or more
 * @param mostHeldOut to judge by, 1 or more
 * @param mostPerLabel to learn from with one label, 1 or more
 * @param largestSourceShare of what is learned from, or judged by, and sources of its kind said, that one source may have
 *     said, above 0 to 1; with fewer sources than that allows, all get the same. Where no other of its kind said more than
 *     a few it is taken as it is
 */
public record Selection(
        HeldOutShare heldOutShare,
        int mostOlder,
        int mostTraining,
        int mostHeldOut,
        int mostPerLabel,
        double largestSourceShare) {
    public Selection {
        if (mostOlder < 0 || mostTraining < 1 || mostHeldOut < 1 || mostPerLabel < 1) {
            throw new IllegalArgumentException(
                    "Cannot select %d older, %d to learn from, %d to judge by and %d of one label: all but the first must be 1 or more"
                            .formatted(mostOlder, mostTraining, mostHeldOut, mostPerLabel));
        }
        if (!(largestSourceShare > 0 && largestSourceShare <= 1)) {
            throw new IllegalArgumentException("Cannot give one source a share of %s: it must be above 0 and 1 at most"
                    .formatted(largestSourceShare));
        }
    }

    /** A fifth held out; 20,000 to learn from, of which 5,000 older ones; half of them from one source. */
    public static Selection usual() {
        return new Selection(new HeldOutShare(0.2), 5_000, 20_000, 5_000, 20_000, 0.5);
    }
}
