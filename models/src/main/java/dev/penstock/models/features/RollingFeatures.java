package dev.penstock.models.features;

import dev.penstock.schemas.FeaturesPayload;
import java.util.HashMap;
import java.util.Map;

/** Rolling features as the inputs of a model: serving and training add them to a payload here, and nowhere else. */
public final class RollingFeatures {
    private RollingFeatures() {}

    /**
     * The payload with rolling features among its numbers, in place of any of the same name that its sender wrote. To
     * bare vectors, texts, images and sounds nothing can be added: they come back as they are.
     *
     * @param payload one of the types of {@link dev.penstock.schemas.InferenceRequest}'s {@code payload}; it stays as it
     *     is
     * @param features by name; what is missing is absent
     */
    public static Object addTo(Object payload, Map<String, Double> features) {
        if (features.isEmpty() || !(payload instanceof FeaturesPayload record)) {
            return payload;
        }
        Map<String, Double> numbers = new HashMap<>(record.getNumbers());
        numbers.putAll(features);
        return new FeaturesPayload(numbers, record.getCategories());
    }
}
