package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallSizeTest {
    private static final long MICRO = 1_000;

    @Test
    void asksForAllAtOnceWhereThatIsCheapestARow() {
        assertThat(CallSize.measured(128, rows -> 100 * MICRO + rows * MICRO)).isEqualTo(128);
    }

    @Test
    void takesTheLargestOfThoseThatAreAsGood() {
        assertThat(CallSize.measured(128, rows -> rows * MICRO)).isEqualTo(128);
    }

    @Test
    void staysBelowWhereRowsBecomeDearer() {
        assertThat(CallSize.measured(256, rows -> rows * (rows <= 32 ? 300L : 360L) * MICRO))
                .isEqualTo(32);
    }

    @Test
    void isNotMisledByACallThatWasDisturbed() {
        List<Integer> calls = new ArrayList<>();

        int size = CallSize.measured(64, rows -> {
            calls.add(rows);
            boolean isDisturbed = rows == 64 && calls.size() < 4;
            return rows * MICRO * (isDisturbed ? 10L : 1L);
        });

        assertThat(size).isEqualTo(64);
    }

    @Test
    void triesNothingMuchLongerThanPeopleWait() {
        List<Integer> calls = new ArrayList<>();

        int size = CallSize.measured(1_024, rows -> {
            calls.add(rows);
            return rows * 10_000L * MICRO;
        });

        assertThat(size).isEqualTo(32);
        assertThat(calls).doesNotContain(64, 128);
    }

    @Test
    void hasNoMoreRowsThanThereWillBe() {
        assertThat(CallSize.measured(1, rows -> rows * MICRO)).isEqualTo(1);
        assertThat(CallSize.measured(16, rows -> rows * MICRO)).isEqualTo(16);
        assertThat(CallSize.measured(100, rows -> rows * MICRO)).isEqualTo(100);
    }
}
