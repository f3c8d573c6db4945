package dev.penstock.models.judging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.card.DecisionPolicy;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ThresholdFitTest {
    /** Finds 36 of 50, and is wrong once. */
    private static SomeAnswers serving() {
        return new SomeAnswers()
                .add(36, "spam", 0.9)
                .add(14, "spam", 0.2)
                .add(1, "ham", 0.8)
                .add(69, "ham", 0.1);
    }

    @Test
    void aThresholdThatIsPreciseEnoughStays() {
        Answers better = new SomeAnswers()
                .add(48, "spam", 0.9)
                .add(2, "spam", 0.2)
                .add(1, "ham", 0.8)
                .add(69, "ham", 0.1)
                .all();

        assertThat(ThresholdFit.of(better, serving().all())).hasValue(0.5);
    }

    /** With three mistakes it is less precise than the version that serves, and with one it is not. */
    @Test
    void risesAboveTheMistakesThatAreTooManyAndNoHigher() {
        Answers eager = new SomeAnswers()
                .add(45, "spam", 0.9)
                .add(3, "spam", 0.7)
                .add(2, "spam", 0.2)
                .add(1, "ham", 0.8)
                .add(2, "ham", 0.6234)
                .add(67, "ham", 0.1)
                .all();

        assertThat(ThresholdFit.of(eager, serving().all())).hasValue(0.624);
    }

    /** 36 of 36 may be luck for both, but the candidate's threshold was chosen by these very rows. */
    @Test
    void toBeAsGoodOnFewRowsIsNotEnough() {
        SomeAnswers flawless = new SomeAnswers().add(36, "spam", 0.9).add(84, "ham", 0.1);
        SomeAnswers oneMore = new SomeAnswers().add(37, "spam", 0.9).add(83, "ham", 0.1);

        assertThat(ThresholdFit.of(flawless.all(), flawless.all())).isEmpty();
        assertThat(ThresholdFit.of(oneMore.all(), flawless.all())).hasValue(0.5);
    }

    /** It could be precise by deciding for little. */
    @Test
    void precisionIsNotBoughtWithRecall() {
        Answers hesitant = new SomeAnswers()
                .add(35, "spam", 0.95)
                .add(15, "spam", 0.6)
                .add(10, "ham", 0.7)
                .add(60, "ham", 0.1)
                .all();

        assertThat(ThresholdFit.of(hesitant, serving().all())).isEmpty();
    }

    @Test
    void aThresholdThatSomebodyHasSetIsNotLowered() {
        SomeAnswers answers = new SomeAnswers().add(50, "spam", 0.9).add(70, "ham", 0.1);
        DecisionPolicy strict = new DecisionPolicy(3, 0.75, 0);
        Answers better = answers.all().under(SomeAnswers.CARD.withDecision(strict));

        assertThat(ThresholdFit.of(better, serving().all())).hasValue(0.75);
    }

    /** Below 0.8 it abstains, so a lower threshold than that decides no more. */
    @Test
    void whatIsAbstainedFromIsNoDecision() {
        SomeAnswers answers =
                new SomeAnswers().add(50, "spam", 0.9).add(9, "ham", 0.7).add(61, "ham", 0.1);
        DecisionPolicy careful = new DecisionPolicy(1, 0.5, 0.8);

        assertThat(ThresholdFit.of(
                        answers.all().under(SomeAnswers.CARD.withDecision(careful)),
                        serving().all()))
                .hasValue(0.5);
    }

    @Test
    void rowsWithoutAScoreAreNotFound() {
        Answers half = new SomeAnswers()
                .add(30, "spam", 0.9)
                .addUnscored(20, "spam")
                .add(70, "ham", 0.1)
                .all();

        assertThat(ThresholdFit.of(half, serving().all())).isEmpty();
    }

    /**
     * Scores of both labels are drawn from overlapping distributions; the threshold is fitted on few rows and looked at
     * on many. The version that serves has a precision of 0.943 there.
     */
    @Test
    void keepsThePrecisionOfRowsToComeOnAverage() {
        SplittableRandom random = new SplittableRandom(1);
        double before = 0;
        double after = 0;
        int fitted = 0;
        for (int round = 0; round < 100; round++) {
            Draw few = Draw.of(120, random);
            double threshold =
                    ThresholdFit.of(few.candidate.all(), few.serving.all()).orElse(Double.NaN);
            if (!Double.isNaN(threshold)) {
                Draw many = Draw.of(2_000, random);
                DecisionPolicy policy = SomeAnswers.CARD.decision().withThreshold(threshold);
                Answers decided = many.candidate.all().under(SomeAnswers.CARD.withDecision(policy));
                before += Quality.of(many.serving.all()).precision().orElseThrow();
                after += Quality.of(decided).precision().orElseThrow();
                fitted++;
            }
        }

        assertThat(fitted).isGreaterThan(80);
        assertThat(after / fitted).isGreaterThan(before / fitted - 0.005);
    }

    /** Two rows in five are spam, of which the candidate knows more; both err. */
    private record Draw(SomeAnswers candidate, SomeAnswers serving) {
        static Draw of(int rows, SplittableRandom random) {
            SomeAnswers candidate = new SomeAnswers();
            SomeAnswers serving = new SomeAnswers();
            for (int row = 0; row < rows; row++) {
                boolean spam = random.nextDouble() < 0.4;
                String label = spam ? "spam" : "ham";
                candidate.add(1, label, sigmoid((spam ? 2.5 : -2.5) + 1.5 * random.nextGaussian()));
                serving.add(1, label, sigmoid((spam ? 1.1 : -3.2) + 1.7 * random.nextGaussian()));
            }
            return new Draw(candidate, serving);
        }

        private static double sigmoid(double logit) {
            return 1 / (1 + Math.exp(-logit));
        }
    }
}
