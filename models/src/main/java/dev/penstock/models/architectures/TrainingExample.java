package dev.penstock.models.architectures;

import dev.penstock.models.preprocessing.Example;

/**
 * A row of a model's inputs and what it is.
 *
 * @param label its place in the model card's labels
 * @param weight how much it counts, above 0; 1 is usual
 */
public record TrainingExample(Example example, int label, double weight) {
    public TrainingExample {
        if (label < 0) {
            throw new IllegalArgumentException("Cannot use label %d: places start at 0".formatted(label));
        }
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Cannot use weight %s: it must be above 0".formatted(weight));
        }
    }

    /** Of weight 1. */
    public TrainingExample(Example example, int label) {
        this(example, label, 1);
    }
}
