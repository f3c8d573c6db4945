package dev.penstock.models.architectures;

/**
 * How the learning rate goes up and down.
 *
 * @param warmUpSteps in which it rises evenly to the highest, so that Adam's moments settle; 0 to begin there
 * @param fall how it goes down from the highest
 * @param lastShare of the highest, at the end, 0 to 1
 */
public record Schedule(int warmUpSteps, Fall fall, double lastShare) {
    /** The way down. */
    public enum Fall {
        NONE,
        LINEAR,
        COSINE
    }

    public Schedule {
        if (warmUpSteps < 0 || !(lastShare >= 0 && lastShare <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot warm up in %d steps and end at a share of %s: steps are 0 or more, the share is 0 to 1"
                            .formatted(warmUpSteps, lastShare));
        }
    }

    /** Up in 20 steps, then down in a line to a twentieth. */
    public static Schedule usual() {
        return new Schedule(20, Fall.LINEAR, 0.05);
    }

    /**
     * @param step from 0
     * @param steps that are planned
     */
    double rate(double highest, long step, long steps) {
        double warmed = warmUpSteps == 0 ? highest : highest * Math.min(1, (step + 1.0) / warmUpSteps);
        double lowest = highest * lastShare;
        double done = step / (double) steps;
        double left =
                switch (fall) {
                    case NONE -> 1;
                    case LINEAR -> 1 - done;
                    case COSINE -> (1 + Math.cos(Math.PI * done)) / 2;
                };
        return fall == Fall.NONE ? warmed : lowest + Math.max(0, warmed - lowest) * left;
    }
}
