package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.card.OutputSpec.Kind;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void risesEvenlyAndFallsInALine() {
        Schedule schedule = new Schedule(10, Schedule.Fall.LINEAR, 0.1);

        assertThat(schedule.rate(1, 0, 1_000_000)).isCloseTo(0.1, within(1e-5));
        assertThat(schedule.rate(1, 4, 1_000_000)).isCloseTo(0.5, within(1e-5));
        assertThat(schedule.rate(1, 500, 1_000)).isCloseTo(0.55, within(1e-9));
        assertThat(schedule.rate(1, 1_000, 1_000)).isCloseTo(0.1, within(1e-9));
    }

    @Test
    void fallsAsACosineDoes() {
        Schedule schedule = new Schedule(0, Schedule.Fall.COSINE, 0);

        assertThat(schedule.rate(2, 0, 100)).isEqualTo(2);
        assertThat(schedule.rate(2, 25, 100)).isCloseTo(1 + Math.sqrt(0.5), within(1e-9));
        assertThat(schedule.rate(2, 50, 100)).isCloseTo(1, within(1e-9));
        assertThat(schedule.rate(2, 100, 100)).isCloseTo(0, within(1e-9));
    }

    @Test
    void staysWhereItIsIfItShallNotFall() {
        assertThat(new Schedule(0, Schedule.Fall.NONE, 0).rate(0.5, 99, 100)).isEqualTo(0.5);
    }

    @Test
    void refusesSharesThatAreNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(0, Schedule.Fall.NONE, 1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new EarlyStopping(0.6, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new EarlyStopping(0.1, 0));
    }

    @Test
    void restsAsLongAsTheShareOfWorkSays() {
        assertThat(new DutyCycle(0.25).restAfter(100)).isEqualTo(300);
        assertThat(new DutyCycle(0.5).restAfter(100)).isEqualTo(100);
        assertThat(new DutyCycle(1).restAfter(100)).isZero();
    }

    @Test
    void smallPiecesAreRestedForTogether() {
        DutyCycle dutyCycle = new DutyCycle(0.25);
        long began = System.nanoTime();

        for (int piece = 0; piece < 1_000; piece++) {
            dutyCycle.restNowAndThen(10_000);
        }

        // Ten milliseconds of work; a sleep is never shorter than was asked for.
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(30_000_000);
    }

    @Test
    void validationLossIsTheSameForLogitsAndTheirProbabilities() {
        float[] logits = {1, 2, 0, -1};
        float[] probabilities = {
            (float) (1 / (1 + Math.E)), (float) (Math.E / (1 + Math.E)),
            (float) (Math.E / (1 + Math.E)), (float) (1 / (1 + Math.E))
        };
        double expected = Math.log(1 + Math.exp(-1)) * 0.75 + Math.log(1 + Math.E) * 0.25;

        assertThat(ValidationLoss.of(logits, Kind.LOGITS, new int[] {1, 1}, new double[] {3, 1}))
                .isCloseTo(expected, within(1e-6));
        assertThat(ValidationLoss.of(probabilities, Kind.PROBABILITIES, new int[] {1, 1}, new double[] {3, 1}))
                .isCloseTo(expected, within(1e-6));
        assertThat(ValidationLoss.of(new float[] {1, -1}, Kind.LOGITS, new int[] {1, 1}, new double[] {3, 1}))
                .isCloseTo(expected, within(1e-6));
        assertThat(ValidationLoss.of(new float[] {Float.NaN, 0}, Kind.PROBABILITIES, new int[] {0}, new double[] {1}))
                .isCloseTo(-Math.log(1e-7), within(1e-9));
    }
}
