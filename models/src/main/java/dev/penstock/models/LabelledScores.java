package dev.penstock.models;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One output's scores for one row: a number per label, in the order of the labels. Immutable. */
public final class LabelledScores {
    private final List<String> labels;
    private final float[] values;

    /**
     * @param labels in the order of the model's output; shared between rows
     * @param values one per label; copied
     */
    public LabelledScores(List<String> labels, float[] values) {
        if (labels.size() != values.length) {
            throw new IllegalArgumentException(
                    "Cannot label %d scores with %d labels".formatted(values.length, labels.size()));
        }
        this.labels = labels;
        this.values = values.clone();
    }

    public List<String> labels() {
        return labels;
    }

    /** The score of the label at this place: 0 to 1, or not finite if the model's was not. */
    public float score(int index) {
        return values[index];
    }

    public boolean allFinite() {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** Place of the highest score, the first of equal ones; NaN counts as the lowest. */
    int highestIndex() {
        int highest = 0;
        for (int index = 1; index < values.length; index++) {
            if (values[index] > values[highest] || Float.isNaN(values[highest])) {
                highest = index;
            }
        }
        return highest;
    }

    /** The highest scores by label, highest first; NaN is left out. */
    public Map<String, Float> highest(int count) {
        int[] places = highestPlaces(count);
        Map<String, Float> scores = new LinkedHashMap<>(places.length * 2);
        for (int place : places) {
            scores.put(labels.get(place), values[place]);
        }
        return scores;
    }

    /** Places of the highest scores, highest first and of equal ones the first; those of NaN are left out. */
    public int[] highestPlaces(int count) {
        // Few of many are wanted: hardly a score gets among them, and no other is moved.
        int[] places = new int[Math.min(count, values.length)];
        int found = 0;
        for (int index = 0; index < values.length; index++) {
            float value = values[index];
            if (Float.isNaN(value)) {
                continue;
            }
            int at = found;
            while (at > 0 && Float.compare(value, values[places[at - 1]]) > 0) {
                at--;
            }
            if (at < places.length) {
                found = Math.min(found + 1, places.length);
                System.arraycopy(places, at, places, at + 1, found - at - 1);
                places[at] = index;
            }
        }
        return found == places.length ? places : Arrays.copyOf(places, found);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelledScores that && labels.equals(that.labels) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * labels.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return highest(values.length).toString();
    }
}
