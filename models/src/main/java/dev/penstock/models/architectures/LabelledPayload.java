package dev.penstock.models.architectures;

/**
 * A payload as a request carries it, and what it is.
 *
 * @param payload one of the types of {@link dev.penstock.schemas.InferenceRequest}'s {@code payload}
 * @param label one of the model's labels
 */
public record LabelledPayload(Object payload, String label) {}
