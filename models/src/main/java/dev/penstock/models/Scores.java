package dev.penstock.models;

import java.util.Map;

/**
 * What a model says about one row.
 *
 * @param deciding the output that the decision policy looks at
 * @param further the model's other outputs, by their names in the card
 */
public record Scores(LabelledScores deciding, Map<String, LabelledScores> further) {
    public Scores {
        further = Map.copyOf(further);
    }
}
