package dev.penstock.models;

/** TensorFlow failed while a model ran; the message names the model and carries TensorFlow's own words. */
public final class ModelFailedException extends RuntimeException {
    public ModelFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
