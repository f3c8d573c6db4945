package dev.penstock.models.architectures;

/**
 * When to stop before all epochs are over: when examples that are not trained on get no better. The weights that were
 * best on them are kept, however the training ends.
 *
 * @param validationShare of the examples, which are not trained on then, 0 (never stop early) to 0.5; of less than 400
 *     it is 40 examples, or three tenths if that is less
 * @param patience epochs without a smaller validation loss after which to stop, 1 or more
 */
public record EarlyStopping(double validationShare, int patience) {
    /** What so few validation examples say of a loss is mostly chance; of few examples more are taken. */
    private static final double USEFUL_ROWS = 40;

    private static final double LARGEST_SHARE_OF_FEW = 0.3;

    public EarlyStopping {
        if (!(validationShare >= 0 && validationShare <= 0.5) || patience < 1) {
            throw new IllegalArgumentException(
                    "Cannot stop early on a share of %s after %d epochs: the share is 0 to 0.5, epochs are 1 or more"
                            .formatted(validationShare, patience));
        }
    }

    /** Trains on every example in every epoch. */
    public static EarlyStopping never() {
        return new EarlyStopping(0, 1);
    }

    /** Of so many examples: the share, or more where that would be too few to go by. */
    double shareOf(int examples) {
        return isWanted() ? Math.max(validationShare, Math.min(LARGEST_SHARE_OF_FEW, USEFUL_ROWS / examples)) : 0;
    }

    boolean isWanted() {
        return validationShare > 0;
    }
}
