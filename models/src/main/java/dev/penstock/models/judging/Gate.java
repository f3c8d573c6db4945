package dev.penstock.models.judging;

import java.util.Map;
import java.util.TreeMap;

/**
 * One thing that a version must show before it goes on trial.
 *
 * @param name in kebab-case
 * @param figures what was seen, by name
 * @param sentence what it came to, with figures
 */
public record Gate(String name, boolean passed, Map<String, Double> figures, String sentence) {
    public Gate {
        figures = Map.copyOf(figures);
    }

    static Gate of(String name, boolean passed, Map<String, Double> figures, String sentence) {
        return new Gate(name, passed, new TreeMap<>(figures), sentence);
    }
}
