package dev.penstock.retrain.runs;

/**
 * An order that has not ended, as it outlives a restart.
 *
 * @param starts how often it was begun
 */
public record BegunRun(TrainingOrder order, int starts) {
    BegunRun begunAgain() {
        return new BegunRun(order, starts + 1);
    }
}
