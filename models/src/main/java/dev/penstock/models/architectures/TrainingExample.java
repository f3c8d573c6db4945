package dev.penstock.models.architectures;

import dev.penstock.models.preprocessing.Example;

/**
 * A row of a model's inputs and what it is.
 *
 * @param label its place in the model card's labels
 */
public record TrainingExample(Example example, int label) {
    public TrainingExample {
        if (label < 0) {
            throw new IllegalArgumentException("Cannot use label %d: places start at 0".formatted(label));
        }
    }
}
