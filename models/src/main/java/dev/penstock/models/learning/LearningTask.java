package dev.penstock.models.learning;

import dev.penstock.models.bundle.Bundle;
import java.util.Map;

/**
 * A version to be made.
 *
 * @param parent whose card it gets, and from which it starts
 * @param serving which it must not be worse than
 * @param version its number, above the parent's
 * @param lineage what else its card is to say of where it comes from, by name: offset ranges, code version
 */
public record LearningTask(
        Bundle parent, Bundle serving, int version, TrainingSet examples, Map<String, String> lineage) {
    public LearningTask {
        lineage = Map.copyOf(lineage);
        if (version <= parent.card().version()) {
            throw new IllegalArgumentException("Cannot make version %d of model '%s' from version %d: versions rise"
                    .formatted(version, parent.card().name(), parent.card().version()));
        }
        if (!parent.card().name().equals(serving.card().name())
                || !parent.card().labels().equals(serving.card().labels())) {
            throw new IllegalArgumentException(
                    "Cannot compare a version made from %s with %s: both must be of one model and have the same labels"
                            .formatted(parent, serving));
        }
    }

    /** From the version that serves. */
    public LearningTask(Bundle serving, int version, TrainingSet examples, Map<String, String> lineage) {
        this(serving, serving, version, examples, lineage);
    }
}
