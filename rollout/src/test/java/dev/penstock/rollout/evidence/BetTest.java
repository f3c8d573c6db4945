package dev.penstock.rollout.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class BetTest {
    private static final double ALPHA = 0.05;

    @Test
    void atMostAlphaAreConvincedOfWhatIsNotSoThoughTheyLookAlways() {
        assertThat(shareConvinced(0, 1, random -> random.nextInt(3) - 1.0)).isLessThanOrEqualTo(ALPHA);
        assertThat(shareConvinced(0, 1, random -> random.nextDouble() < 0.02 ? random.nextInt(2) * 2 - 1.0 : 0))
                .isLessThanOrEqualTo(ALPHA);
        // Rarely a loss that is large.
        assertThat(shareConvinced(0, 1, random -> random.nextDouble() < 0.05 ? -0.95 : 0.05))
                .isLessThanOrEqualTo(ALPHA);
    }

    @Test
    void weightsThatDependOnWhatIsSeenDoNotHelpWhoIsWrong() {
        // Five times as many ones as there should be are seen, and each of the others counts five times as much.
        double share =
                shareConvinced(0, 5, random -> random.nextDouble() < 5.0 / 6 ? 1 : -1, value -> value < 0 ? 5 : 1);

        assertThat(share).isLessThanOrEqualTo(ALPHA);
    }

    @Test
    void whatIsSoIsSeenWithAboutAsManyObservationsAsIsSaid() {
        int seen = 0;
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Bet bet = Bet.below(0, Bounds.DIFFERENCE_OF_SHARES);
            // Three of a hundred better, one worse: 0.02 with a variance of 0.0396.
            while (!bet.shows(ALPHA)
                    && bet.count() < 4_000
                    && !(bet.count() > 100 && bet.smallestEffect(ALPHA) < 0.02)) {
                double place = random.nextDouble();
                bet.observe(place < 0.03 ? -1 : place < 0.04 ? 1 : 0, 1);
            }
            seen += bet.shows(ALPHA) ? 1 : 0;
        }

        assertThat(seen).isBetween(80, 190);
    }

    @Test
    void theEstimateIsTheWeightedMean() {
        Bet bet = Bet.above(0.1, new Bounds(0, 1, 10));

        bet.observe(1, 1);
        bet.observe(0, 3);

        assertThat(bet.estimate()).isEqualTo(0.25);
        assertThat(bet.count()).isEqualTo(2);
    }

    @Test
    void weightsAreCut() {
        Bet bet = Bet.above(0.1, new Bounds(0, 1, 3));

        bet.observe(1, 1);
        bet.observe(0, 1_000);

        assertThat(bet.estimate()).isEqualTo(0.25);
    }

    @Test
    void nothingIsShownByNothing() {
        Bet bet = Bet.above(0.1, Bounds.SHARE);

        assertThat(bet.shows(ALPHA)).isFalse();
        assertThat(bet.smallestEffect(ALPHA)).isInfinite();
    }

    @Test
    void whatIsOutOfBoundsIsRefused() {
        Bet bet = Bet.above(0.1, Bounds.SHARE);

        assertThatThrownBy(() -> bet.observe(1.5, 1)).hasMessageContaining("not between 0.0 and 1.0");
        assertThatThrownBy(() -> bet.observe(Double.NaN, 1)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> bet.observe(1, -1)).hasMessageContaining("use 0 or more");
        assertThatThrownBy(() -> Bet.above(1, Bounds.SHARE)).hasMessageContaining("beyond 1.0");
    }

    @Test
    void whatTurnsOutOtherwiseLeavesNoMoreThanIfItHadBeenKnown() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Bet told = Bet.above(0, Bounds.DIFFERENCE_OF_SHARES);
            double stakes = 0;
            double[] told100 = new double[100];
            double[] factors = new double[100];
            for (int i = 0; i < 100; i++) {
                told100[i] = random.nextInt(4) > 0 ? 1 : -1;
                double before = told.logWealth();
                told.observe(told100[i], 1);
                // With a value of 1 or -1 the stake can be read off the wealth.
                factors[i] = (Math.exp(told.logWealth() - before) - 1) / told100[i];
                stakes += factors[i];
            }
            double known = told.logWealth();
            double sum = told.estimate() * 100;
            for (int i = 0; i < 100; i += 1 + random.nextInt(20)) {
                told.correct(told100[i], -told100[i], 1);
                known += Math.log(1 - factors[i] * told100[i]) - Math.log(1 + factors[i] * told100[i]);
                sum -= 2 * told100[i];
            }

            assertThat(stakes).isPositive();
            assertThat(told.logWealth()).isLessThanOrEqualTo(known + 1e-9);
            assertThat(told.estimate() * 100).isCloseTo(sum, within(1e-9));
        }
    }

    @Test
    void atMostAlphaAreConvincedOfWhatIsNotSoThoughLabelsLiedFirst() {
        int convinced = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            Bet bet = Bet.above(0, Bounds.DIFFERENCE_OF_SHARES);
            for (int i = 0; i < 500; i++) {
                // Where it was against, one of ten said the contrary until it was set right.
                double truth = random.nextInt(2) * 2 - 1;
                double said = truth < 0 && random.nextInt(10) == 0 ? 1 : truth;
                bet.observe(said, 1);
                bet.correct(said, truth, 1);
            }
            convinced += bet.shows(ALPHA) ? 1 : 0;
        }

        assertThat(convinced / 1_000.0).isLessThanOrEqualTo(ALPHA);
    }

    @Test
    void aCopyGoesItsOwnWay() {
        Bet bet = Bet.above(0.1, Bounds.SHARE);
        bet.observe(1, 1);
        Bet copy = bet.copy();

        copy.observe(1, 1);

        assertThat(copy.count()).isEqualTo(2);
        assertThat(bet.count()).isEqualTo(1);
        assertThat(copy.logWealth()).isGreaterThan(bet.logWealth());
    }

    private static double shareConvinced(double threshold, double weight, ToDoubleFunction<Random> values) {
        return shareConvinced(threshold, weight, values, value -> 1.0);
    }

    /** Of 1,000 that see 2,000 observations each and look after every one. */
    private static double shareConvinced(
            double threshold, double largestWeight, ToDoubleFunction<Random> values, ToDoubleFunction<Double> weights) {
        int convinced = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            Bet bet = Bet.above(threshold, new Bounds(-1, 1, largestWeight));
            for (int i = 0; i < 2_000 && !bet.shows(ALPHA); i++) {
                double value = values.applyAsDouble(random);
                bet.observe(value, weights.applyAsDouble(value));
            }
            convinced += bet.shows(ALPHA) ? 1 : 0;
        }
        return convinced / 1_000.0;
    }
}
