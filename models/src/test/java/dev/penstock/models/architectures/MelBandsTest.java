package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MelBandsTest {
    private static final int FREQUENCIES = 129;
    private static final int BANDS = 40;
    private static final float[] WEIGHTS = MelBands.weights(FREQUENCIES, BANDS, 8_000);

    @Test
    void sharesEachFrequencyBetweenTwoNeighbouringBands() {
        for (int frequency = 10; frequency < 115; frequency++) {
            float sum = 0;
            int bands = 0;
            for (int band = 0; band < BANDS; band++) {
                sum += WEIGHTS[frequency * BANDS + band];
                bands += WEIGHTS[frequency * BANDS + band] > 0 ? 1 : 0;
            }
            assertThat(sum).as("frequency %d", frequency).isCloseTo(1, within(1e-5f));
            assertThat(bands).isBetween(1, 2);
        }
    }

    /** 1,000 mel are 1,000 Hz by definition, and the bands are evenly spaced in mel: 121.9 to 2,113.8. */
    @Test
    void putsAThousandHertzWhereTheMelScaleHasThem() {
        int frequency = 32; // of 31.25 Hz each
        double expected = (999.99 - 121.96) / ((2_113.77 - 121.96) / (BANDS + 1)) - 1;

        int highest = 0;
        for (int band = 0; band < BANDS; band++) {
            if (WEIGHTS[frequency * BANDS + band] > WEIGHTS[frequency * BANDS + highest]) {
                highest = band;
            }
        }
        assertThat((double) highest).isCloseTo(expected, within(0.51));
    }

    @Test
    void leavesOutHumAndWhatTheTelephoneCannotCarry() {
        for (int band = 0; band < BANDS; band++) {
            assertThat(WEIGHTS[band]).isZero();
            assertThat(WEIGHTS[(FREQUENCIES - 1) * BANDS + band]).isZero();
        }
    }
}
