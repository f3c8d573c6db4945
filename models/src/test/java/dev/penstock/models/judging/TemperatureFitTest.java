package dev.penstock.models.judging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.Temperature;
import dev.penstock.models.card.Calibration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TemperatureFitTest {
    /** Logits are twice what they should be where a share of sigmoid(1) is right and sigmoid(2) is said. */
    @Test
    void findsTheTemperatureThatTheLogitsWereMultipliedWith() {
        double said = 1 / (1 + Math.exp(-2));
        int right = (int) Math.round(10_000 / (1 + Math.exp(-1)));
        Answers answers = new SomeAnswers()
                .add(right, "spam", said)
                .add(10_000 - right, "ham", said)
                .all();

        Calibration calibration = TemperatureFit.of(answers, 100).orElseThrow();

        assertThat(calibration.temperature()).isCloseTo(2, within(0.01));
        assertThat(calibration.rows()).isEqualTo(10_000);
        Answers calibrated = answers.under(SomeAnswers.CARD.trainedAnew(
                2, Optional.of(calibration), SomeAnswers.CARD.metrics(), SomeAnswers.CARD.lineage()));
        assertThat(Quality.of(calibrated).logLoss())
                .isLessThan(Quality.of(answers).logLoss());
        assertThat(Quality.of(calibrated).accuracy())
                .isEqualTo(Quality.of(answers).accuracy());
        assertThat(calibrated.all().get(0).scores().orElseThrow().score(1))
                .isCloseTo((float) (1 / (1 + Math.exp(-1))), within(0.002f));
    }

    @Test
    void leavesScoresOfTooFewRowsAlone() {
        assertThat(TemperatureFit.of(new SomeAnswers().add(99, "spam", 0.9).all(), 100))
                .isEmpty();
    }

    /** 120 rows that are all right speak for a confidence of 121 in 122. */
    @Test
    void isNoSurerThanItsRowsCanShow() {
        Calibration calibration = TemperatureFit.of(
                        new SomeAnswers()
                                .add(60, "spam", 0.9)
                                .add(60, "ham", 0.1)
                                .all(),
                        100)
                .orElseThrow();

        assertThat(calibration.temperature()).isCloseTo(Math.log(9) / Math.log(121), within(0.002));
    }

    @Test
    void aTemperatureKeepsTheOrderAndTheSumOfExclusiveScores() {
        float[] scores = {0.7f, 0.2f, 0.1f, 0};

        new Temperature(2, true).apply(scores);

        double sum = Math.sqrt(0.7) + Math.sqrt(0.2) + Math.sqrt(0.1);
        assertThat(scores)
                .containsExactly(
                        new float[] {
                            (float) (Math.sqrt(0.7) / sum),
                            (float) (Math.sqrt(0.2) / sum),
                            (float) (Math.sqrt(0.1) / sum),
                            0
                        },
                        within(1e-6f));
    }

    @Test
    void aTemperatureOfLabelsThatStandAloneTakesEachForItself() {
        float[] scores = {0.5f, (float) (1 / (1 + Math.exp(-3))), Float.NaN};

        new Temperature(3, false).apply(scores);

        assertThat(scores[0]).isEqualTo(0.5f);
        assertThat(scores[1]).isCloseTo((float) (1 / (1 + Math.exp(-1))), within(1e-6f));
        assertThat(scores[2]).isNaN();
    }

    @Test
    void scoresThatAreNotFiniteStayAsTheyAre() {
        float[] scores = {0.7f, Float.NaN};

        new Temperature(2, true).apply(scores);

        assertThat(scores).containsExactly(0.7f, Float.NaN);
    }
}
