package dev.penstock.retrain.runs;

/** A training stopped because it was told to. */
public final class CancelledRunException extends RuntimeException {
    public CancelledRunException(String message) {
        super(message);
    }
}
