package dev.penstock.models.preprocessing.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
    /** A tone well within both rates keeps its frequency, level and phase. */
    @ParameterizedTest
    @CsvSource({
        "44100, 16000, 1000",
        "44100, 16000, 6700",
        "8000, 16000, 3000",
        "48000, 44100, 15000",
        "11025, 8000, 3350",
        "44101, 16000, 5000",
        "384000, 8000, 2000",
        "1000, 48000, 300",
        "22050, 22051, 9000"
    })
    void keepsTones(int from, int to, double hertz) {
        float[] input = tone(from, hertz, from / 2);

        Resampler resampler = new Resampler(from, to);
        float[] output = resampler.resample(input, resampler.outputLength(input.length));

        assertThat(output).hasSize((input.length * to + from - 1) / from);
        float[] expected = tone(to, hertz, output.length);
        double error = 0;
        double power = 0;
        // The edges are where silence begins, which is no tone.
        int edge = output.length / 8;
        for (int index = edge; index < output.length - edge; index++) {
            error += Math.pow(output[index] - expected[index], 2);
            power += Math.pow(expected[index], 2);
        }
        assertThat(10 * Math.log10(error / power)).as("error in dB").isLessThan(-75);
    }

    /** What the lower rate cannot hold must vanish, not come back as another tone. */
    @ParameterizedTest
    @CsvSource({
        "44100, 16000, 9000",
        "44100, 16000, 15000",
        "48000, 8000, 5000",
        "44101, 16000, 12000",
        "16000, 8000, 7900"
    })
    void silencesWhatTheLowerRateCannotHold(int from, int to, double hertz) {
        float[] input = tone(from, hertz, from / 2);

        Resampler resampler = new Resampler(from, to);
        float[] output = resampler.resample(input, resampler.outputLength(input.length));

        double power = 0;
        int edge = output.length / 8;
        for (int index = edge; index < output.length - edge; index++) {
            power += Math.pow(output[index], 2);
        }
        assertThat(10 * Math.log10(power / (output.length - 2.0 * edge) / 0.5))
                .as("level in dB")
                .isLessThan(-70);
    }

    @Test
    void keepsConstantsExactly() {
        float[] input = new float[4_000];
        Arrays.fill(input, 0.25f);

        float[] output = new Resampler(44_100, 16_000).resample(input, 1_000);

        for (int index = 200; index < 800; index++) {
            assertThat(output[index]).isCloseTo(0.25f, within(1e-5f));
        }
    }

    @Test
    void makesTheSameStartFromAsMuchInputAsItAsksFor() {
        float[] input = tone(44_100, 440, 44_100);
        Resampler resampler = new Resampler(44_100, 16_000);

        float[] whole = resampler.resample(input, 1_600);
        float[] part = resampler.resample(Arrays.copyOf(input, (int) resampler.inputLength(1_600)), 1_600);

        assertThat(part).containsExactly(whole);
    }

    private static float[] tone(int rate, double hertz, int count) {
        float[] samples = new float[count];
        for (int index = 0; index < count; index++) {
            samples[index] = (float) Math.sin(2 * Math.PI * hertz * index / rate + 0.3);
        }
        return samples;
    }
}
