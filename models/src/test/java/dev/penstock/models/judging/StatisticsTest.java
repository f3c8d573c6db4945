package dev.penstock.models.judging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    /** Sums of binomial coefficients over powers of two. */
    @Test
    void thePairedTestIsTheSignTestOnRowsThatDiffer() {
        assertThat(PairedTest.isWorse(0, 0)).isEqualTo(1);
        assertThat(PairedTest.isWorse(0, 7)).isEqualTo(1);
        assertThat(PairedTest.isWorse(5, 0)).isCloseTo(1 / 32.0, within(1e-12));
        assertThat(PairedTest.isWorse(8, 2)).isCloseTo(56 / 1024.0, within(1e-12));
        assertThat(PairedTest.isWorse(15, 5)).isCloseTo(21_700 / 1_048_576.0, within(1e-12));
    }

    /** Near the normal distribution, whose upper tail from 2 on is 0.02275. */
    @Test
    void thePairedTestHoldsForThousandsOfRows() {
        assertThat(PairedTest.isWorse(5_100, 4_900)).isCloseTo(0.0233, within(0.0003));
        assertThat(PairedTest.isWorse(9_000, 1_000)).isBetween(0.0, 1e-300);
    }

    /** Only where no row is exchanged, one case in 2^5, do five rows that all cost more differ by so much. */
    @Test
    void theRandomizationTestExchangesTheAnswersToARow() {
        List<Answer> worse = new SomeAnswers().add(5, "spam", 0.5).all().all();
        List<Answer> better = new SomeAnswers().add(5, "spam", 0.9).all().all();

        assertThat(RandomizationTest.isWorse(worse, better, Quality::logLoss)).isCloseTo(1 / 32.0, within(0.02));
        assertThat(RandomizationTest.isWorse(better, worse, Quality::logLoss)).isEqualTo(1);
        assertThat(RandomizationTest.isWorse(worse, worse, Quality::logLoss)).isEqualTo(1);
    }

    /** The example of R's help page of p.adjust-like figures, worked out by hand. */
    @Test
    void holmMultipliesTheSmallestByTheirNumberAndNeverFalls() {
        assertThat(Holm.adjusted(new double[] {0.04, 0.01, 0.03, 0.005}))
                .containsExactly(new double[] {0.06, 0.03, 0.06, 0.02}, within(1e-12));
        assertThat(Holm.adjusted(new double[] {0.6, 0.9})).containsExactly(1, 1);
        assertThat(Holm.adjusted(new double[0])).isEmpty();
    }

    /** Fisher's lady tasting tea: 4 of 4 by chance in one of 70 cases, 3 or more in 17. */
    @Test
    void theHypergeometricTailIsFishersExactTest() {
        assertThat(Hypergeometric.atLeast(4, 4, 4, 8)).isCloseTo(1 / 70.0, within(1e-12));
        assertThat(Hypergeometric.atLeast(3, 4, 4, 8)).isCloseTo(17 / 70.0, within(1e-12));
        assertThat(Hypergeometric.atLeast(0, 4, 4, 8)).isCloseTo(1, within(1e-12));
    }

    @Test
    void calibrationErrorIsTheGapBetweenConfidenceAndShareRight() {
        Answers sure = new SomeAnswers().add(45, "spam", 0.9).add(5, "ham", 0.9).all();
        Answers tooSure =
                new SomeAnswers().add(30, "spam", 0.9).add(30, "ham", 0.9).all();

        // All rows are of one confidence: the right ones come first, so bins of three or four rows differ by turns.
        assertThat(CalibrationError.of(
                        new SomeAnswers().add(60, "spam", 0.9).all().all()))
                .isCloseTo(0.1, within(1e-6));
        assertThat(CalibrationError.of(tooSure.all())).isCloseTo((0.1 + 0.9) / 2, within(0.03));
        assertThat(CalibrationError.of(sure.all())).isGreaterThan(0);
    }

    /** Ten of each: what 0.9 is said of happens nine times in ten. */
    @Test
    void aCalibratedModelHasAlmostNoCalibrationError() {
        SomeAnswers answers = new SomeAnswers();
        for (int bin = 0; bin < CalibrationError.BINS; bin++) {
            double score = 0.5 + 0.02 * (bin + 1);
            int right = (int) Math.round(100 * score);
            answers.add(right, "spam", score).add(100 - right, "ham", score);
        }

        assertThat(CalibrationError.of(answers.all().all())).isLessThan(1e-6);
    }

    @Test
    void qualityIsWhatItsNamesSay() {
        Quality quality = Quality.of(new SomeAnswers()
                .add(3, "spam", 0.8)
                .add(1, "spam", 0.4)
                .add(4, "ham", 0.2)
                .add(1, "ham", 0.6)
                .addUnscored(1, "ham")
                .all());

        assertThat(quality.rows()).isEqualTo(10);
        assertThat(quality.accuracy()).isEqualTo(0.7);
        assertThat(quality.abstained()).isEqualTo(0.1);
        assertThat(quality.precision()).hasValue(0.75);
        assertThat(quality.recall()).hasValue(0.75);
        // Of 20 pairs only the one of 0.4 and 0.6 is the wrong way round.
        assertThat(quality.auc()).hasValue(0.95);
        assertThat(quality.logLoss()).isCloseTo(-(7 * Math.log(0.8) + 2 * Math.log(0.4)) / 9, within(1e-6));
        assertThat(quality.metrics()).containsEntry("accuracy", 0.7).containsEntry("held-out-rows", 10.0);
    }
}
