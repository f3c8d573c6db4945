package dev.penstock.rollout.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfidenceSequenceTest {
    private static final double ALPHA = 0.05;

    @Test
    void atMostAlphaEverMissTheMean() {
        int missed = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            ConfidenceSequence sequence = new ConfidenceSequence(ALPHA, Bounds.DIFFERENCE_OF_SHARES);
            boolean misses = false;
            for (int i = 0; i < 2_000 && !misses; i++) {
                double place = random.nextDouble();
                sequence.observe(place < 0.07 ? -1 : place < 0.12 ? 1 : 0, 1);
                misses = sequence.lower() > -0.02 || sequence.upper() < -0.02;
            }
            missed += misses ? 1 : 0;
        }

        assertThat(missed / 1_000.0).isLessThanOrEqualTo(ALPHA);
    }

    @Test
    void aCorrectionMovesTheEstimateAndLeavesNoBoundTighterThanIfItHadBeenKnown() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            ConfidenceSequence told = new ConfidenceSequence(ALPHA, Bounds.DIFFERENCE_OF_SHARES);
            ConfidenceSequence knew = new ConfidenceSequence(ALPHA, Bounds.DIFFERENCE_OF_SHARES);
            for (int i = 0; i < 200; i++) {
                double value = random.nextInt(3) - 1.0;
                told.observe(value, 1);
                knew.observe(value, 1);
            }
            // The last one: what comes after it would be guessed otherwise.
            told.observe(1, 1);
            knew.observe(-1, 1);

            told.correct(1, -1, 1);

            assertThat(told.estimate()).isCloseTo(knew.estimate(), offset(1e-9));
            assertThat(told.lower()).isLessThanOrEqualTo(knew.lower());
            assertThat(told.upper()).isGreaterThanOrEqualTo(knew.upper());
        }
    }

    @Test
    void atMostAlphaEverMissTheWeightedMean() {
        // Of all, half are 1 and half are 0; of the ones only a quarter are seen, and weighed four times as much.
        int missed = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            ConfidenceSequence sequence = new ConfidenceSequence(ALPHA, new Bounds(0, 1, 4));
            boolean misses = false;
            for (int i = 0; i < 2_000 && !misses; i++) {
                boolean one = random.nextDouble() < 0.2;
                sequence.observe(one ? 1 : 0, one ? 4 : 1);
                misses = sequence.lower() > 0.5 || sequence.upper() < 0.5;
            }
            missed += misses ? 1 : 0;
        }

        assertThat(missed / 1_000.0).isLessThanOrEqualTo(ALPHA);
    }

    @Test
    void theIntervalIsThatOfThePaperWhereWeightsAreOne() {
        Random random = new Random(7);
        ConfidenceSequence sequence = new ConfidenceSequence(ALPHA, Bounds.SHARE);
        double rates = 0;
        double weighted = 0;
        double spread = 0;
        double sum = 0;
        double squares = 0;
        for (int t = 1; t <= 500; t++) {
            double x = random.nextDouble() < 0.3 ? 1 : random.nextDouble() * 0.5;
            double variance = (0.25 + squares) / t;
            double rate = Math.min(0.5, Math.sqrt(2 * Math.log(2 / ALPHA) / (variance * t * Math.log1p(t))));
            double guess = (0.5 + sum) / t;
            double psi = (-Math.log(1 - rate) - rate) / 4;
            spread += 4 * (x - guess) * (x - guess) * psi;
            rates += rate;
            weighted += rate * x;
            sum += x;
            double mean = (0.5 + sum) / (t + 1);
            squares += (x - mean) * (x - mean);

            sequence.observe(x, 1);
        }

        double half = (Math.log(2 / ALPHA) + spread) / rates;
        assertThat(sequence.lower()).isCloseTo(weighted / rates - half, offset(1e-9));
        assertThat(sequence.upper()).isCloseTo(weighted / rates + half, offset(1e-9));
    }

    @Test
    void itNarrowsAsMoreIsSeen() {
        Random random = new Random(3);
        ConfidenceSequence sequence = new ConfidenceSequence(ALPHA, Bounds.SHARE);

        double few = widthAfter(sequence, random, 100);
        double many = widthAfter(sequence, random, 9_900);

        assertThat(few).isBetween(0.1, 0.6);
        assertThat(many).isLessThan(0.04);
    }

    @Test
    void whoHasSeenNothingSaysSo() {
        ConfidenceSequence sequence = new ConfidenceSequence(ALPHA, Bounds.DIFFERENCE_OF_SHARES);

        assertThat(sequence.lower()).isEqualTo(-1);
        assertThat(sequence.upper()).isEqualTo(1);
    }

    private static double widthAfter(ConfidenceSequence sequence, Random random, int more) {
        for (int i = 0; i < more; i++) {
            sequence.observe(random.nextDouble() < 0.1 ? 1 : 0, 1);
        }
        return sequence.upper() - sequence.lower();
    }
}
