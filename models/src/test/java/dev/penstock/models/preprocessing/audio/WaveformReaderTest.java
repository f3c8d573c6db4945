package dev.penstock.models.preprocessing.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.models.card.NumberType;
import org.junit.jupiter.api.Test;

class WaveformReaderTest {
    @Test
    void padsShortClipsWithSilenceAndCutsLongOnesAtTheEnd() throws Exception {
        short[] samples = {8_192, 16_384, -8_192};

        assertThat(reader(8_000, 5).row(wave(8_000, samples))).containsExactly(0.25f, 0.5f, -0.25f, 0, 0);
        assertThat(reader(8_000, 2).row(wave(8_000, samples))).containsExactly(0.25f, 0.5f);
        assertThat(reader(8_000, 0).row(wave(8_000, samples))).containsExactly(0.25f, 0.5f, -0.25f);
    }

    @Test
    void resamplesToTheInputsRate() throws Exception {
        WaveFile clip = WaveFile.open(WaveBytes.tone(44_100, 440, 44_100), "", 60);

        float[] second = reader(16_000, 0).row(clip);
        float[] start = reader(16_000, 4_000).row(clip);
        float[] padded = reader(16_000, 20_000).row(clip);

        assertThat(second).hasSize(16_000);
        assertThat(start).hasSize(4_000);
        assertThat(start[1_000]).isEqualTo(second[1_000]);
        assertThat(padded).hasSize(20_000);
        assertThat(padded[15_000]).isEqualTo(second[15_000]);
        assertThat(padded[19_999]).isZero();
    }

    @Test
    void keepsFiltersForAFewRatesOnly() throws Exception {
        WaveformReader reader = reader(16_000, 100);

        for (int rate = 8_001; rate < 8_101; rate++) {
            assertThat(reader.row(WaveFile.open(WaveBytes.tone(rate, 100, 400), "", 60)))
                    .hasSize(100);
        }
    }

    @Test
    void refusesCardsWithARateThatNobodyRecordsAt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader(1, 0))
                .withMessage("Cannot fill input 'waveform' at 1 Hz: 1000 to 384000 Hz are supported");
    }

    private static WaveFile wave(int rate, short... samples) throws Exception {
        return WaveFile.open(WaveBytes.of(rate, samples), "", 60);
    }

    private static WaveformReader reader(int rate, int samples) {
        return new WaveformReader(new Waveform("waveform", rate, samples, NumberType.FLOAT32));
    }
}
