package dev.penstock.models.judging;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Temperature;
import dev.penstock.models.card.Calibration;
import dev.penstock.models.card.Task;
import java.util.List;
import java.util.Optional;

/**
 * Finds the temperature under which labels surprise a model least (Guo, Pleiss, Sun, Weinberger, ICML 2017). The loss has
 * one minimum in the inverse of the temperature, in which it is convex; golden section finds it (Kiefer 1953).
 */
public final class TemperatureFit {
    private static final double COLDEST = 0.1;
    private static final double HOTTEST = 10;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
    private static final double PRECISION = 1e-4;
    /** Scores are floats, the least of which is not much smaller. */
    private static final double LEAST = 1e-37;
    /** Digits that a card has after the point. */
    private static final double ROUNDED = 1_000;

    private TemperatureFit() {}

    /**
     * Empty if there are fewer rows than are needed.
     *
     * @param answers of a model that is not calibrated yet
     * @param least rows that it is fitted on, 1 or more
     */
    public static Optional<Calibration> of(Answers answers, int least) {
        List<Answer> scored = answers.all().stream().filter(Answer::isScored).toList();
        if (scored.size() < least) {
            return Optional.empty();
        }
        boolean exclusive = answers.card().task() != Task.MULTILABEL;
        double low = Math.log(COLDEST);
        double high = Math.log(HOTTEST);
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double leftLoss = loss(scored, left, exclusive);
        double rightLoss = loss(scored, right, exclusive);
        while (high - low > PRECISION) {
            if (leftLoss <= rightLoss) {
                high = right;
                right = left;
                rightLoss = leftLoss;
                left = high - GOLDEN * (high - low);
                leftLoss = loss(scored, left, exclusive);
            } else {
                low = left;
                left = right;
                leftLoss = rightLoss;
                right = low + GOLDEN * (high - low);
                rightLoss = loss(scored, right, exclusive);
            }
        }
        double degrees = Math.rint(Math.exp((low + high) / 2) * ROUNDED) / ROUNDED;
        return Optional.of(new Calibration(Calibration.Method.TEMPERATURE, degrees, scored.size()));
    }

    /**
     * Labels are believed but for one row in all and two more (Platt, Probabilistic Outputs for Support Vector Machines,
     * 1999): so few rows cannot show that a model is never wrong, and where all are right nothing else would bound how
     * sure it becomes.
     */
    private static double loss(List<Answer> scored, double logDegrees, boolean exclusive) {
        Temperature temperature = new Temperature(Math.exp(logDegrees), exclusive);
        double doubt = 1.0 / (scored.size() + 2);
        double loss = 0;
        for (Answer answer : scored) {
            LabelledScores calibrated = temperature.apply(answer.scores().orElseThrow());
            int labels = calibrated.labels().size();
            for (int label = 0; label < labels; label++) {
                double share = label == answer.label() ? 1 - doubt : doubt / Math.max(1, labels - 1);
                loss -= share * Math.log(Math.max(LEAST, calibrated.score(label)));
            }
        }
        return loss;
    }
}
