package dev.penstock.models.tensorflow;

/** There is no SavedModel where one was looked for; the message says what is there instead and what to do. */
public final class NoSavedModelException extends RuntimeException {
    NoSavedModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
