package dev.penstock.models;

import org.jspecify.annotations.Nullable;

/** A model that cannot serve here; the message is one sentence that says why and what to do. Nothing stays loaded. */
public final class ModelRefusedException extends RuntimeException {
    public ModelRefusedException(String message) {
        this(message, null);
    }

    public ModelRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
