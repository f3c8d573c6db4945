package dev.penstock.models.architectures;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.NumberType;
import dev.penstock.schemas.Modality;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * Two convolutions and two dense layers over small images, float32 {@code [rows, height, width, channels]} from 0 to 1.
 * While it trains, each batch is moved by up to a fourteenth of its size, so that the few first examples go further.
 */
public final class ImageClassifier extends Architecture {
    private static final String INPUT = "image";

    /**
     * @param channels 1 (grey) or 3
     * @param firstFilters and {@code secondFilters}: of the convolutions
     * @param hidden units before the last layer
     */
    public record Size(int width, int height, int channels, int firstFilters, int secondFilters, int hidden) {
        public Size {
            if (width < 4 || height < 4 || (channels != 1 && channels != 3)) {
                throw new IllegalArgumentException(
                        "Cannot classify images of %d × %d with %d channels: the smallest are 4 × 4, with 1 or 3"
                                .formatted(width, height, channels));
            }
        }

        /** 16 and 32 filters, 64 hidden units. */
        public static Size of(int width, int height, int channels) {
            return new Size(width, height, channels, 16, 32, 64);
        }
    }

    private final Size size;

    public ImageClassifier(List<String> labels, Size size) {
        super(labels);
        this.size = size;
    }

    @Override
    public String name() {
        return "image-classifier";
    }

    @Override
    public String description() {
        return "Two convolutions (%d, %d filters) and %d hidden units over %d × %d pixels with %d channels"
                .formatted(size.firstFilters, size.secondFilters, size.hidden, size.width, size.height, size.channels);
    }

    @Override
    public Modality modality() {
        return Modality.IMAGE;
    }

    @Override
    public InputSpec input() {
        return new InputSpec.Image(
                INPUT,
                size.width,
                size.height,
                size.channels,
                NumberType.FLOAT32,
                new PixelScale(0, 1, List.of(), List.of()),
                InputSpec.Image.Resize.AREA,
                InputSpec.Image.Fit.STRETCH,
                InputSpec.Image.ChannelOrder.RGB,
                InputSpec.Image.Layout.CHANNELS_LAST);
    }

    @Override
    public TrainingSettings usualTraining() {
        return new TrainingSettings(16, 32, 2e-3, ClassWeights.NONE, 0.1, 1);
    }

    @Override
    Layers layers(List<TrainingExample> training) {
        return new Convolutions();
    }

    private final class Convolutions implements Layers {
        @Override
        public Operand<? extends TType> input(Network network) {
            return network.input(INPUT, TFloat32.class, Shape.of(-1, size.height, size.width, size.channels));
        }

        @Override
        public Operand<TFloat32> logits(Network network, Operand<? extends TType> input) {
            Operand<TFloat32> images = moved(network, Network.floats(input));
            Operand<TFloat32> features =
                    network.pool(network.convolution("conv1", images, 3, 3, size.channels, size.firstFilters), 2, 2);
            features = network.pool(
                    network.convolution("conv2", features, 3, 3, size.firstFilters, size.secondFilters), 2, 2);
            int flat = (size.width + 3) / 4 * ((size.height + 3) / 4) * size.secondFilters;
            Operand<TFloat32> hidden = network.reshape(features, -1, flat);
            hidden = network.relu(network.dense("hidden", hidden, flat, size.hidden));
            return network.dense("logits", network.dropout(hidden, 0.1), size.hidden, labels().size());
        }

        /** All images of a batch by the same way, black coming in from the sides. */
        private Operand<TFloat32> moved(Network network, Operand<TFloat32> images) {
            int down = size.height / 14;
            int across = size.width / 14;
            if (!network.isTraining() || (down == 0 && across == 0)) {
                return images;
            }
            Ops tf = network.tf();
            Operand<TFloat32> padded = tf.pad(
                    images, tf.constant(new int[][] {{0, 0}, {down, down}, {across, across}, {0, 0}}), tf.constant(0f));
            Operand<TFloat32> positions = tf.math.mul(
                    network.uniform(tf.constant(new long[] {2})),
                    tf.constant(new float[] {2 * down + 1, 2 * across + 1}));
            Operand<TInt32> start = tf.concat(
                    List.of(tf.constant(new int[] {0}), tf.dtypes.cast(positions, TInt32.class), tf.constant(new int[] {
                        0
                    })),
                    tf.constant(0));
            return tf.slice(padded, start, tf.constant(new int[] {-1, size.height, size.width, size.channels}));
        }
    }
}
