package dev.penstock.models.preprocessing.audio;

import static dev.penstock.schemas.deadletter.DeadLetterCode.AUDIO_TOO_LONG;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Clips of any rate to one row of an input. Thread-safe; keeps the filters of the rates it met last.
 *
 * <p>Of a clip that is longer than the input only what is needed is decoded.
 */
public final class WaveformReader {
    private static final int KEPT_FILTERS = 8;
    /** Whatever a card's limits say: a sixteenth of the heap in samples of four bytes, as for images. */
    private static final long LONGEST_CLIP = Runtime.getRuntime().maxMemory() / 16;

    private final InputSpec.Waveform spec;

    @SuppressWarnings("serial") // Never serialised.
    private final Map<Integer, Resampler> resamplers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Resampler> eldest) {
            return size() > KEPT_FILTERS;
        }
    };

    /** @throws IllegalArgumentException if the input's rate is not one that clips are resampled to */
    public WaveformReader(InputSpec.Waveform spec) {
        this.spec = spec;
        if (spec.sampleRate() < WaveFile.LOWEST_RATE || spec.sampleRate() > WaveFile.HIGHEST_RATE) {
            throw new IllegalArgumentException("Cannot fill input '%s' at %d Hz: %d to %d Hz are supported"
                    .formatted(spec.name(), spec.sampleRate(), WaveFile.LOWEST_RATE, WaveFile.HIGHEST_RATE));
        }
    }

    /** Mono samples, -1 to 1: as many as the input has, or as the clip has where the input takes any number. */
    public float[] row(WaveFile file) throws UnusablePayloadException {
        if (file.rate() == spec.sampleRate()) {
            int wanted = spec.samples() == 0 ? file.frames() : Math.min(spec.samples(), file.frames());
            return fixedLength(file.mono(wanted));
        }
        Resampler resampler = resampler(file.rate());
        int resampled = resampler.outputLength(file.frames());
        if (spec.samples() == 0 && resampled > LONGEST_CLIP) {
            throw new UnusablePayloadException(
                    AUDIO_TOO_LONG,
                    "Cannot decode WAVE: its %d samples at %d Hz would be %d at %d Hz, allowed are %d"
                            .formatted(file.frames(), file.rate(), resampled, spec.sampleRate(), LONGEST_CLIP));
        }
        int wanted = spec.samples() == 0 ? resampled : Math.min(spec.samples(), resampled);
        int needed = (int) Math.min(file.frames(), resampler.inputLength(wanted));
        return fixedLength(resampler.resample(file.mono(needed), wanted));
    }

    private float[] fixedLength(float[] samples) {
        return spec.samples() == 0 || samples.length == spec.samples()
                ? samples
                : Arrays.copyOf(samples, spec.samples());
    }

    private Resampler resampler(int rate) {
        synchronized (resamplers) {
            return resamplers.computeIfAbsent(rate, from -> new Resampler(from, spec.sampleRate()));
        }
    }
}
