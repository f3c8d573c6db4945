package dev.penstock.retrain.runs;

import dev.penstock.models.architectures.ClassWeights;
import dev.penstock.models.architectures.EarlyStopping;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.judging.GateSettings;
import dev.penstock.models.learning.HeldOutShare;
import dev.penstock.models.learning.LearningSettings;
import dev.penstock.models.learning.Selection;
import dev.penstock.models.learning.ThresholdPolicy;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;

/**
 * How a model learns, and what a new version must show.
 *
 * @param start with the weights of the version that serves, or from scratch
 * @param epochs at most; it stops when examples that it does not learn from get no better
 * @param batchSize examples a step
 * @param learningRate the highest; a model whose training signature takes none keeps its own
 * @param classWeights whether rare labels count more
 * @param patience epochs without getting better after which it stops
 * @param heldOutShare of all requests, which no version ever learns from, and which judge each; keep it as it is
 * @param threshold from which score on a new version decides, where there are two labels: as its parent does, or so that
 *     what it finds is as surely so as with the version that serves
 * @param mostOlder examples that earlier versions learned from, so that nothing is forgotten
 * @param mostPerLabel examples of one label
 * @param largestSourceShare of the examples of its kind, that one source may have given
 */
public record LearningPlan(
        @Default("parent") Start start,
        @Default("8") int epochs,
        @Default("32") int batchSize,
        @Default("0.001") double learningRate,
        @Default("none") ClassWeights classWeights,
        @Default("3") int patience,
        @Default("0.2") double heldOutShare,
        @Default("kept") ThresholdPolicy threshold,
        @Default("5000") int mostOlder,
        @Default("20000") int mostPerLabel,
        @Default("0.5") double largestSourceShare,
        @Default Gates gates)
        implements Serializable {
    private static final double VALIDATION_SHARE = 0.1;
    private static final int CALIBRATION_ROWS = 100;
    private static final int GOLDEN_EXAMPLES = 8;

    public LearningPlan {
        new Checks()
                .require(epochs >= 1, "epochs", "%d is too few; use 1 or more".formatted(epochs))
                .require(batchSize >= 1, "batch-size", "%d is too few; use 1 or more".formatted(batchSize))
                .require(
                        learningRate > 0 && learningRate < 1,
                        "learning-rate",
                        "%s is not between 0 and 1; 0.001 suits most".formatted(learningRate))
                .require(patience >= 1, "patience", "%d is too few; use 1 or more".formatted(patience))
                .require(
                        heldOutShare > 0 && heldOutShare <= 0.9,
                        "held-out-share",
                        "%s is not above 0 and at most 0.9; 0.2 suits most".formatted(heldOutShare))
                .require(mostOlder >= 0, "most-older", "%d is negative; use 0 or more".formatted(mostOlder))
                .require(mostPerLabel >= 1, "most-per-label", "%d is too few; use 1 or more".formatted(mostPerLabel))
                .require(
                        largestSourceShare > 0 && largestSourceShare <= 1,
                        "largest-source-share",
                        "%s is not above 0 and at most 1; 0.5 suits most".formatted(largestSourceShare))
                .refuse("learning");
    }

    public static LearningPlan usual() {
        return new LearningPlan(
                Start.PARENT,
                8,
                32,
                0.001,
                ClassWeights.NONE,
                3,
                0.2,
                ThresholdPolicy.KEPT,
                5_000,
                20_000,
                0.5,
                Gates.usual());
    }

    /**
     * What a new version must show before it goes on trial; see {@link GateSettings}.
     *
     * @param alpha probability with which a version that is no worse may be refused by a test
     * @param leastRows held-out examples without which a version is refused
     * @param overallMargin by which the share of right decisions may be lower
     * @param aucMargin by which the area under the ROC curve may be lower, where there are two labels
     * @param calibrationMargin by which the calibration error may be higher
     * @param logLossMargin by which the log-loss may be higher
     * @param sliceRows held-out examples from which on a slice is looked at
     * @param sliceMargin by which the share of right decisions may be lower in a slice
     * @param goldenAgreement share of the parent's golden examples that must be decided rightly
     * @param largestSizeRatio of the bundle's size to the parent's
     * @param largestTimeRatio of the time for a row to the parent's
     */
    public record Gates(
            @Default("0.05") double alpha,
            @Default("50") int leastRows,
            @Default("0.005") double overallMargin,
            @Default("0.01") double aucMargin,
            @Default("0.02") double calibrationMargin,
            @Default("0.05") double logLossMargin,
            @Default("50") int sliceRows,
            @Default("0.02") double sliceMargin,
            @Default("0.75") double goldenAgreement,
            @Default("1.5") double largestSizeRatio,
            @Default("2") double largestTimeRatio)
            implements Serializable {
        public Gates {
            // Its own checks say what is wrong.
            GateSettings unused = new GateSettings(
                    alpha,
                    leastRows,
                    overallMargin,
                    aucMargin,
                    calibrationMargin,
                    logLossMargin,
                    sliceRows,
                    sliceMargin,
                    goldenAgreement,
                    largestSizeRatio,
                    largestTimeRatio);
        }

        public static Gates usual() {
            return new Gates(0.05, 50, 0.005, 0.01, 0.02, 0.05, 50, 0.02, 0.75, 1.5, 2);
        }

        GateSettings settings() {
            return new GateSettings(
                    alpha,
                    leastRows,
                    overallMargin,
                    aucMargin,
                    calibrationMargin,
                    logLossMargin,
                    sliceRows,
                    sliceMargin,
                    goldenAgreement,
                    largestSizeRatio,
                    largestTimeRatio);
        }
    }

    Selection selection(int mostExamples) {
        return new Selection(
                new HeldOutShare(heldOutShare),
                mostOlder,
                mostExamples,
                mostExamples,
                mostPerLabel,
                largestSourceShare);
    }

    LearningSettings settings(long seed, double dutyCycle, double largestWeight) {
        TrainingSettings training = new TrainingSettings(epochs, batchSize, learningRate, classWeights, 0, seed)
                .withDutyCycle(dutyCycle)
                .withEarlyStopping(new EarlyStopping(VALIDATION_SHARE, patience));
        return new LearningSettings(
                training, start, largestWeight, CALIBRATION_ROWS, GOLDEN_EXAMPLES, gates.settings(), threshold);
    }
}
