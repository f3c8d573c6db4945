package dev.penstock.rollout.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DistributionsTest {
    private static final double ALPHA = 0.05;

    @Test
    void aQuantileIsAtMostAnEighthOfAnOctaveTooLong() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 100_000; micros++) {
            latencies.observe(micros);
        }

        assertThat(latencies.quantile(0.99)).isBetween(99_000.0, 99_000 * 1.1);
        assertThat(latencies.quantile(0.5)).isBetween(50_000.0, 50_000 * 1.1);
        assertThat(latencies.count()).isEqualTo(100_000);
    }

    @Test
    void timesBeyondAnyMeasureAreCounted() {
        Latencies latencies = new Latencies();

        latencies.observe(0);
        latencies.observe(Long.MAX_VALUE);

        assertThat(latencies.count()).isEqualTo(2);
    }

    @Test
    void confidenceThatIsDistributedAsBeforeIsNoShift() {
        int shifted = 0;
        for (int seed = 0; seed < 200; seed++) {
            shifted += shiftAfter(seed, 0).shows(ALPHA) ? 1 : 0;
        }

        assertThat(shifted).isLessThanOrEqualTo(10);
    }

    @Test
    void confidenceThatCollapsesIsAShift() {
        int shifted = 0;
        for (int seed = 0; seed < 20; seed++) {
            shifted += shiftAfter(seed, 0.4).shows(ALPHA) ? 1 : 0;
        }

        assertThat(shifted).isEqualTo(20);
        assertThat(shiftAfter(0, 0.4).estimate()).isBetween(0.3, 0.5);
    }

    @Test
    void nothingIsComparedWithNothing() {
        ScoreShift shift = new ScoreShift(0.2, 100);

        shift.compare(0.3);

        assertThat(shift.count()).isZero();
        assertThat(shift.shows(ALPHA)).isFalse();
        assertThat(shift.estimate()).isZero();
    }

    private static ScoreShift shiftAfter(int seed, double fall) {
        Random random = new Random(seed);
        ScoreShift shift = new ScoreShift(0.2, 500);
        for (int i = 0; i < 2_000; i++) {
            shift.learn(random.nextDouble());
        }
        for (int i = 0; i < 2_000; i++) {
            shift.compare(Math.max(0, random.nextDouble() - fall));
        }
        return shift;
    }
}
