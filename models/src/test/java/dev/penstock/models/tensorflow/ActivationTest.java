package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ActivationTest {
    private static float[] apply(Activation activation, float... values) {
        float[] scores = new float[2];
        activation.apply(values, 0, values.length, scores);
        return scores;
    }

    @Test
    void doesNotOverflow() {
        assertThat(apply(Activation.SOFTMAX, 1e30f, -1e30f)).containsExactly(1, 0);
        assertThat(apply(Activation.SOFTMAX, -1000f, -1000f)).containsExactly(0.5f, 0.5f);
        assertThat(apply(Activation.SIGMOID, 1e30f, -1e30f)).containsExactly(1, 0);
        assertThat(apply(Activation.SECOND_SIGMOID, -1e30f)).containsExactly(1, 0);
    }

    @Test
    void leavesOutWhatIsImpossible() {
        assertThat(apply(Activation.SOFTMAX, 5, Float.NEGATIVE_INFINITY)).containsExactly(1, 0);
    }

    @Test
    void isNoNumberWhereTheModelGivesNone() {
        assertThat(apply(Activation.SOFTMAX, Float.NaN, 1)).containsExactly(Float.NaN, Float.NaN);
        assertThat(apply(Activation.SOFTMAX, Float.POSITIVE_INFINITY, 1)).contains(Float.NaN);
        assertThat(apply(Activation.SIGMOID, Float.NaN, 0)).containsExactly(Float.NaN, 0.5f);
        assertThat(apply(Activation.SECOND, Float.NaN)).containsExactly(Float.NaN, Float.NaN);
        assertThat(apply(Activation.SECOND_SIGMOID, Float.NaN)).containsExactly(Float.NaN, Float.NaN);
        assertThat(apply(Activation.NONE, Float.POSITIVE_INFINITY, Float.NaN))
                .containsExactly(Float.POSITIVE_INFINITY, Float.NaN);
    }

    @Test
    void readsTheColumnsOfItsRowAlone() {
        float[] scores = new float[2];

        Activation.SOFTMAX.apply(new float[] {9, 9, 1, 1, 9, 9}, 2, 2, scores);

        assertThat(scores).containsExactly(0.5f, 0.5f);
    }

    @Test
    void roundsProbabilitiesThatAreAlmostThere() {
        assertThat(apply(Activation.NONE, 1.004f, -0.004f)).containsExactly(1, 0);
        assertThatThrownBy(() -> apply(Activation.NONE, 1.1f, 0))
                .isInstanceOf(UnservableException.class)
                .hasMessageContaining("gave 1.1");
        assertThatThrownBy(() -> apply(Activation.SECOND, -2)).isInstanceOf(UnservableException.class);
    }
}
