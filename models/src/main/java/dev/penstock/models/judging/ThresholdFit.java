package dev.penstock.models.judging;

import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.Task;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Finds the threshold from which a new version of a binary model decides for the second label with the precision of the
 * version that serves, and with no less recall, on the same rows.
 *
 * <p>Few rows are asked, and the threshold is chosen by the very rows that show what it does. So a version's precision is
 * counted as if one more of its decisions were wrong: above a threshold chosen just above the k+1st highest of m scores
 * of rows of the first label, the next such row falls with probability (k+1)/(m+1), not k/m (conformal risk control:
 * Angelopoulos, Bates, Fisch, Lei, Schuster, ICLR 2024). For the version that serves nothing was chosen; its precision is
 * taken by the rule of succession (Laplace), since no mistake in few decisions does not mean that it makes none. Both
 * become the plain shares as rows become many.
 */
public final class ThresholdFit {
    /** Thresholds are looked for in these steps. */
    private static final int STEPS = 1_000;

    private ThresholdFit() {}

    /**
     * The lowest threshold that does it: the candidate's own, or a higher one in thousandths below 1. Empty if there is
     * none, or the model is not binary.
     *
     * @param candidate calibrated
     * @param serving answers of the version that serves, to the same examples
     */
    public static OptionalDouble of(Answers candidate, Answers serving) {
        ModelCard card = candidate.card();
        if (card.task() != Task.BINARY) {
            return OptionalDouble.empty();
        }
        Decisions before = Decisions.of(serving);
        List<Answer> scored = candidate.all().stream().filter(Answer::isScored).toList();
        DecisionPolicy policy = card.decision();
        for (double threshold = policy.threshold(); threshold < 1; threshold = next(threshold)) {
            // A decision needs that confidence as well.
            Decisions now = Decisions.from(Math.max(threshold, policy.abstainBelow()), scored);
            if (now.right() >= before.right() && now.cautiousPrecision() >= before.precision()) {
                return OptionalDouble.of(threshold);
            }
        }
        return OptionalDouble.empty();
    }

    private static double next(double threshold) {
        return (Math.floor(threshold * STEPS + 1e-6) + 1) / STEPS;
    }

    /** Those for the second label. */
    private record Decisions(int right, int wrong) {
        static Decisions of(Answers answers) {
            String positive = answers.card().labels().get(1);
            return count(answers.all().stream()
                    .filter(answer -> answer.decided().filter(positive::equals).isPresent())
                    .toList());
        }

        static Decisions from(double threshold, List<Answer> scored) {
            return count(scored.stream()
                    .filter(answer -> answer.scores().orElseThrow().score(1) >= threshold)
                    .toList());
        }

        private static Decisions count(List<Answer> decided) {
            int right =
                    (int) decided.stream().filter(answer -> answer.label() == 1).count();
            return new Decisions(right, decided.size() - right);
        }

        double precision() {
            return (right + 1.0) / (right + wrong + 2.0);
        }

        double cautiousPrecision() {
            return right / (right + wrong + 1.0);
        }
    }
}
