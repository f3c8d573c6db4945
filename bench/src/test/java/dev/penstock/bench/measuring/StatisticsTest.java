package dev.penstock.bench.measuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void theMedianIsTheMiddleOneWhateverTheOrder() {
        assertThat(Statistics.median(List.of(9.0, 1.0, 5.0))).isEqualTo(5);
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(Statistics.median(List.of(8.0, 1.0, 2.0, 4.0))).isEqualTo(3);
    }

    @Test
    void refusesTheMedianOfNothing() {
        assertThatThrownBy(() -> Statistics.median(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void comparesEachRoundWithTheSameRound() {
        assertThat(Statistics.ratios(List.of(10.0, 30.0), List.of(5.0, 10.0))).containsExactly(2.0, 3.0);
    }

    @Test
    void refusesToCompareOtherNumbersOfRounds() {
        assertThatThrownBy(() -> Statistics.ratios(List.of(1.0), List.of(1.0, 2.0)))
                .hasMessage("Cannot compare 1 rounds with 2");
    }

    @Test
    void tellsTheLowestAndTheHighest() {
        assertThat(Statistics.lowest(List.of(3.0, 1.0, 2.0))).isEqualTo(1);
        assertThat(Statistics.highest(List.of(1.0, 3.0, 2.0))).isEqualTo(3);
    }
}
