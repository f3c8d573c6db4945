package dev.penstock.rollout.drift;

import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Prediction;
import java.util.HashMap;
import java.util.Map;

/**
 * What one prediction shows of the world, named as in {@link dev.penstock.schemas.DriftReference}.
 *
 * @param at when it was decided, milliseconds since 1970-01-01T00:00Z
 * @param numbers finite ones, by name
 * @param words by name
 */
public record WatchedValues(
        String model, int version, long at, Map<String, Double> numbers, Map<String, String> words) {
    /** The word for what was decided where nothing was. */
    public static final String ABSTAINED = "";

    public static WatchedValues of(Prediction prediction) {
        Map<String, Double> numbers = new HashMap<>();
        prediction.getFeatures().forEach((feature, value) -> put(numbers, "rolling." + feature, value));
        prediction.getScores().forEach((label, score) -> put(numbers, "score." + label, score));
        Map<String, String> words = new HashMap<>();
        if (prediction.getOutcome() instanceof Decision decision) {
            put(numbers, "confidence", decision.getConfidence());
            words.put("decision", decision.getLabel());
        } else if (prediction.getOutcome() instanceof Abstention abstention) {
            if (abstention.getConfidence() != null) {
                put(numbers, "confidence", abstention.getConfidence());
            }
            words.put("decision", ABSTAINED);
        }
        return new WatchedValues(
                prediction.getModel(),
                prediction.getModelVersion(),
                prediction.getTiming().getScoredAt().toEpochMilli(),
                numbers,
                words);
    }

    private static void put(Map<String, Double> numbers, String name, double value) {
        if (Double.isFinite(value)) {
            numbers.put(name, value);
        }
    }
}
