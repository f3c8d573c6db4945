package dev.penstock.models.card;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What was found to be wrong with a card's meaning. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    /** @param key path in the card, as it is written there */
    record Finding(String key, String problem) {}

    List<Finding> all() {
        return all;
    }

    void require(boolean met, String key, String problem) {
        if (!met) {
            all.add(new Finding(key, problem));
        }
    }

    void requireBetween(double low, double value, double high, String key, String unit) {
        require(
                value >= low && value <= high,
                key,
                "%s must be between %s and %s%s".formatted(written(value), written(low), written(high), unit));
    }

    void requireAtLeast(long low, long value, String key) {
        require(value >= low, key, "%d must be %d or more".formatted(value, low));
    }

    void requireLabels(String key, List<String> labels) {
        require(!labels.isEmpty(), key, "there are none; write one or more");
        Set<String> seen = new HashSet<>();
        for (int index = 0; index < labels.size(); index++) {
            String label = labels.get(index);
            String place = "%s[%d]".formatted(key, index);
            require(!label.isBlank(), place, "it is empty; write a word");
            require(seen.add(label), place, "'%s' is there twice; each must be another".formatted(label));
        }
    }

    /** As a person would write it: 28 and not 28.0. */
    private static String written(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
