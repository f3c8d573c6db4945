package dev.penstock.models.learning;

import dev.penstock.models.architectures.EarlyStopping;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.judging.GateSettings;

/**
 * How a version learns.
 *
 * @param training epochs, batches, rates, seed and politeness; its own held-out share is not looked at
 * @param start with which weights
 * @param largestWeight that one example may have before all are scaled to a mean of 1: rare explorations would else rule
 *     everything, 1 or more
 * @param calibrationRows held-out rows without which scores are left as they are, 1 or more
 * @param goldenExamples of the held-out rows that go into the bundle, 1 or more
 * @param threshold from which score on a new version decides
 */
public record LearningSettings(
        TrainingSettings training,
        Start start,
        double largestWeight,
        int calibrationRows,
        int goldenExamples,
        GateSettings gates,
        ThresholdPolicy threshold) {
    public LearningSettings {
        if (!(largestWeight >= 1) || calibrationRows < 1 || goldenExamples < 1) {
            throw new IllegalArgumentException(
                    "Cannot learn with weights up to %s, calibration from %d rows and %d golden examples: all must be 1 or more"
                            .formatted(largestWeight, calibrationRows, goldenExamples));
        }
    }

    /** With the parent's threshold. */
    public LearningSettings(
            TrainingSettings training,
            Start start,
            double largestWeight,
            int calibrationRows,
            int goldenExamples,
            GateSettings gates) {
        this(training, start, largestWeight, calibrationRows, goldenExamples, gates, ThresholdPolicy.KEPT);
    }

    /** From the parent, stopping early, with gates as usual. */
    public static LearningSettings usual(TrainingSettings training) {
        return new LearningSettings(
                training.withEarlyStopping(new EarlyStopping(0.1, 3)), Start.PARENT, 10, 100, 8, GateSettings.usual());
    }

    public LearningSettings withThreshold(ThresholdPolicy other) {
        return new LearningSettings(training, start, largestWeight, calibrationRows, goldenExamples, gates, other);
    }
}
