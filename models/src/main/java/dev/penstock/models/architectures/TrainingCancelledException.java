package dev.penstock.models.architectures;

/** A training was told to end, or its thread was interrupted; nothing was written. */
public final class TrainingCancelledException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TrainingCancelledException(String message) {
        super(message);
    }
}
