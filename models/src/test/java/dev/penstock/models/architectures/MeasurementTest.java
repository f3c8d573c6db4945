package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    @Test
    void countsRowsWhoseHighestColumnIsTheirLabel() {
        float[] scores = {0.7f, 0.2f, 0.1f, 0.3f, 0.3f, 0.4f, 0.5f, 0.4f, 0.1f};

        assertThat(Measurement.of(scores, 0.5, new int[] {0, 2, 1}, 3)).containsExactly(Map.entry("accuracy", 2 / 3.0));
    }

    @Test
    void comparesASingleColumnWithTheThreshold() {
        Map<String, Double> metrics = Measurement.of(new float[] {0.2f, 0.3f, 0.9f}, 0.25, new int[] {0, 1, 1}, 2);

        assertThat(metrics).containsEntry("accuracy", 1.0).containsEntry("auc", 1.0);
    }

    @Test
    void leavesTheAreaUnderTheCurveOutWhereThereIsNone() {
        assertThat(Measurement.of(new float[] {0.2f, 0.3f}, 0.5, new int[] {0, 0}, 2))
                .containsOnlyKeys("accuracy");
    }

    @Test
    void countsTiesAsHalf() {
        assertThat(Measurement.auc(new float[] {1, 1, 1, 1}, new int[] {0, 1, 0, 1}))
                .isEqualTo(0.5);
        assertThat(Measurement.auc(new float[] {1, 2, 2, 3}, new int[] {0, 0, 1, 1}))
                .isEqualTo(3.5 / 4);
    }

    @Test
    void agreesWithCountingAllPairs() {
        SplittableRandom random = new SplittableRandom(1);
        float[] scores = new float[300];
        int[] labels = new int[300];
        for (int row = 0; row < 300; row++) {
            labels[row] = random.nextInt(4) == 0 ? 1 : 0;
            // Negative ones too, and ties.
            scores[row] = Math.round(random.nextDouble(-20, 20) + 5 * labels[row]) / 4f;
        }

        double pairs = 0;
        double won = 0;
        for (int positive = 0; positive < 300; positive++) {
            for (int negative = 0; negative < 300; negative++) {
                if (labels[positive] == 1 && labels[negative] == 0) {
                    pairs++;
                    won += scores[positive] > scores[negative] ? 1 : scores[positive] == scores[negative] ? 0.5 : 0;
                }
            }
        }
        assertThat(Measurement.auc(scores, labels)).isCloseTo(won / pairs, within(1e-12));
    }
}
