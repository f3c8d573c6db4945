package dev.penstock.models.preprocessing;

/** Turns payloads into rows for one model. Thread-safe. */
public interface Preprocessor {
    /**
     * Never throws for what is wrong with the payload.
     *
     * @param payload one of the types of {@link dev.penstock.schemas.InferenceRequest}'s {@code payload}
     */
    Prepared prepare(Object payload);
}
