package dev.penstock.models.card;

import java.util.List;

/**
 * How one output of the model's signature becomes scores.
 *
 * @param name key of the output in the signature
 * @param kind what its numbers are; logits go through softmax or, where labels do not exclude each other, sigmoid
 * @param labels one per column; for a binary output of one column both labels, the second being the column's
 * @param deciding whether decisions are made from it; exactly one output of a card is
 * @param highest how many of the highest scores a prediction carries, 1 or more
 */
public record OutputSpec(String name, Kind kind, List<String> labels, boolean deciding, int highest) {
    public OutputSpec {
        labels = List.copyOf(labels);
    }

    public enum Kind {
        PROBABILITIES,
        LOGITS
    }
}
