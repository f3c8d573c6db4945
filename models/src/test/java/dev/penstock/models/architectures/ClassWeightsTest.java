package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClassWeightsTest {
    private static final int[] COUNTS = {9_900, 100};

    @Test
    void weighsRareLabelsByTheInverseOfTheirShareOrItsRoot() {
        assertThat(ratio(ClassWeights.NONE)).isEqualTo(1);
        assertThat(ratio(ClassWeights.SQUARE_ROOT)).isCloseTo(Math.sqrt(99), within(1e-9));
        assertThat(ratio(ClassWeights.BALANCED)).isCloseTo(99, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource
    void leavesTheMeanWeightOfExamplesAtOne(ClassWeights weights) {
        double[] each = weights.of(COUNTS);

        assertThat((each[0] * COUNTS[0] + each[1] * COUNTS[1]) / 10_000).isCloseTo(1, within(1e-9));
    }

    @Test
    void staysFiniteForLabelsWithoutExamples() {
        assertThat(ClassWeights.BALANCED.of(new int[] {10, 0})[1]).isFinite();
    }

    private static double ratio(ClassWeights weights) {
        double[] each = weights.of(COUNTS);
        return each[1] / each[0];
    }
}
