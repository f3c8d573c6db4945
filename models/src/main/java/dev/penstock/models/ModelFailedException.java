package dev.penstock.models;

import org.jspecify.annotations.Nullable;

/** TensorFlow failed while a model ran; the message names the model and carries TensorFlow's own words. */
public final class ModelFailedException extends RuntimeException {
    public ModelFailedException(String message) {
        this(message, null);
    }

    public ModelFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
