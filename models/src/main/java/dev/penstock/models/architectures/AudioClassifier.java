package dev.penstock.models.architectures;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.NumberType;
import dev.penstock.schemas.Modality;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.audio.AudioSpectrogram;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * Three convolutions over time, the log-mel bands being their channels, then means and deviations over time, as in
 * x-vectors (Snyder et al. 2018). Reads waveforms, float32 {@code [rows, samples]} from -1 to 1; spectrum and mel scale
 * are in the graph. Loudness does not matter: each clip is normalised.
 *
 * <p>While it trains, a band of frequencies and a stretch of time are left out of each batch (SpecAugment, Park et al.
 * 2019).
 */
public final class AudioClassifier extends Architecture {
    private static final String INPUT = "waveform";
    private static final float FLOOR = 1e-4f;

    /**
     * @param sampleRate hertz
     * @param samples of every clip
     * @param bands of the mel scale
     * @param filters of each convolution
     * @param hidden units before the last layer
     */
    public record Size(int sampleRate, int samples, int bands, int filters, int hidden) {
        public Size {
            if (sampleRate < 4_000 || samples < sampleRate / 4) {
                throw new IllegalArgumentException(
                        "Cannot classify clips of %d samples at %d Hz: the least are 4000 Hz and a quarter of a second"
                                .formatted(samples, sampleRate));
            }
        }

        /** 64 bands, filters and hidden units. */
        public static Size of(int sampleRate, int samples) {
            return new Size(sampleRate, samples, 64, 64, 64);
        }

        /** 31 to 62 ms, a power of two so that the spectrum has no padding. */
        int window() {
            return Integer.highestOneBit(sampleRate / 16);
        }

        int stride() {
            return window() / 2;
        }

        int frames() {
            return (samples - window()) / stride() + 1;
        }

        int frequencies() {
            return window() / 2 + 1;
        }
    }

    private final Size size;

    public AudioClassifier(List<String> labels, Size size) {
        super(labels);
        this.size = size;
    }

    @Override
    public String name() {
        return "audio-classifier";
    }

    @Override
    public String description() {
        return "Three convolutions (%d filters) and %d hidden units over %d log-mel bands of %d samples at %d Hz"
                .formatted(size.filters, size.hidden, size.bands, size.samples, size.sampleRate);
    }

    @Override
    public Modality modality() {
        return Modality.AUDIO;
    }

    @Override
    public InputSpec input() {
        return new InputSpec.Waveform(INPUT, size.sampleRate, size.samples, NumberType.FLOAT32);
    }

    @Override
    public TrainingSettings usualTraining() {
        return new TrainingSettings(45, 16, 3e-3, ClassWeights.NONE, 0.1, 1);
    }

    @Override
    Layers layers(List<TrainingExample> training) {
        return new Convolutions();
    }

    private final class Convolutions implements Layers {
        @Override
        public Operand<? extends TType> input(Network network) {
            return network.input(INPUT, TFloat32.class, Shape.of(-1, size.samples));
        }

        @Override
        public Operand<TFloat32> logits(Network network, Operand<? extends TType> input) {
            Operand<TFloat32> bands = normalised(network, logMel(network, Network.floats(input)));
            if (network.isTraining()) {
                bands = masked(network, bands);
            }
            Operand<TFloat32> features = network.reshape(bands, -1, size.frames(), 1, size.bands);
            features = network.pool(network.convolution("conv1", features, 5, 1, size.bands, size.filters), 2, 1);
            features = network.pool(network.convolution("conv2", features, 5, 1, size.filters, size.filters), 2, 1);
            features = network.convolution("conv3", features, 3, 1, size.filters, size.filters);
            Operand<TFloat32> hidden = network.dropout(overTime(network, features), 0.3);
            hidden = network.relu(network.dense("hidden", hidden, 2L * size.filters, size.hidden));
            return network.dense("logits", network.dropout(hidden, 0.3), size.hidden, labels().size());
        }

        /** {@code [rows, frames, bands]} */
        private Operand<TFloat32> logMel(Network network, Operand<TFloat32> waveforms) {
            Ops tf = network.tf();
            // The operation takes channels of one clip: here every clip of the batch is one.
            Operand<TFloat32> channels = tf.linalg.transpose(waveforms, tf.constant(new int[] {1, 0}));
            Operand<TFloat32> spectrum = tf.audio
                    .audioSpectrogram(
                            channels,
                            (long) size.window(),
                            (long) size.stride(),
                            AudioSpectrogram.magnitudeSquared(true))
                    .spectrogram();
            Operand<TFloat32> weights = network.reshape(
                    tf.constant(MelBands.weights(size.frequencies(), size.bands, size.sampleRate)),
                    size.frequencies(),
                    size.bands);
            Operand<TFloat32> mel = tf.linalg.matMul(network.reshape(spectrum, -1, size.frequencies()), weights);
            return network.reshape(tf.math.log(tf.math.add(mel, tf.constant(FLOOR))), -1, size.frames(), size.bands);
        }

        /** Mean 0 and deviation 1 over each clip; a silent clip is all 0. */
        private Operand<TFloat32> normalised(Network network, Operand<TFloat32> bands) {
            Ops tf = network.tf();
            Operand<TInt32> clip = tf.constant(new int[] {1, 2});
            Operand<TFloat32> centred = tf.math.sub(bands, tf.math.mean(bands, clip, Mean.keepDims(true)));
            Operand<TFloat32> variance = tf.math.mean(tf.math.square(centred), clip, Mean.keepDims(true));
            return tf.math.mul(centred, tf.math.rsqrt(tf.math.add(variance, tf.constant(1e-3f))));
        }

        private Operand<TFloat32> masked(Network network, Operand<TFloat32> bands) {
            Ops tf = network.tf();
            Operand<TFloat32> keptBands = keptAround(network, size.bands);
            Operand<TFloat32> keptFrames = network.reshape(keptAround(network, size.frames()), size.frames(), 1);
            return tf.math.mul(bands, tf.math.mul(keptFrames, keptBands));
        }

        /** 1 everywhere, and 0 in a run of an eighth of the length that starts anywhere. */
        private Operand<TFloat32> keptAround(Network network, int length) {
            Ops tf = network.tf();
            int run = length / 8;
            Operand<TFloat32> start = tf.math.floor(
                    tf.math.mul(network.uniform(tf.constant(new long[] {1})), tf.constant((float) (length - run + 1))));
            float[] places = new float[length];
            for (int place = 0; place < length; place++) {
                places[place] = place;
            }
            Operand<TFloat32> distance = tf.math.sub(tf.constant(places), start);
            return tf.dtypes.cast(
                    tf.math.logicalOr(
                            tf.math.less(distance, tf.constant(0f)),
                            tf.math.greaterEqual(distance, tf.constant((float) run))),
                    TFloat32.class);
        }

        /** {@code [rows, 2 × filters]} */
        private Operand<TFloat32> overTime(Network network, Operand<TFloat32> features) {
            Ops tf = network.tf();
            Operand<TInt32> time = tf.constant(new int[] {1, 2});
            Operand<TFloat32> mean = tf.math.mean(features, time);
            Operand<TFloat32> centred = tf.math.sub(features, tf.math.mean(features, time, Mean.keepDims(true)));
            Operand<TFloat32> deviation =
                    tf.math.sqrt(tf.math.add(tf.math.mean(tf.math.square(centred), time), tf.constant(1e-5f)));
            return tf.concat(List.of(mean, deviation), tf.constant(1));
        }
    }
}
