package dev.penstock.models.preprocessing.image;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Image.ChannelOrder;
import dev.penstock.models.card.InputSpec.Image.Layout;
import dev.penstock.models.card.InputSpec.PixelScale;
import java.util.List;

/**
 * Pixels of any size to one row of an input. Immutable, so threads may share it.
 *
 * <ul>
 *   <li>Resizing is TensorFlow's with half-pixel centres: {@code bilinear} as {@code tf.image.resize} and Keras'
 *       {@code Resizing} do it, that is, without antialiasing when it shrinks; {@code nearest}; {@code area} as
 *       {@code ResizeArea}, the mean of what a target pixel covers, which is the one to shrink a lot with.
 *   <li>{@code crop} takes the middle of the image in the target's aspect ratio, as Keras' {@code crop_to_aspect_ratio};
 *       {@code pad} centres the whole image on black (transparent if there is opacity), as
 *       {@code tf.image.resize_with_pad}.
 *   <li>Where the model takes no opacity, transparent images are laid on white, as a page would show them. Grey is
 *       ITU-R BT.601 luma.
 *   <li>Pixel values of integer inputs are rounded to the nearest. Means and deviations are in the order of the input's
 *       channels: for BGR, blue first.
 * </ul>
 */
public final class ImageScaler {
    private final InputSpec.Image spec;
    private final float[] multipliers;
    private final float[] addends;
    private final boolean whole;
    /** {@code [channels, 256]}: every value that a pixel can have, scaled. */
    private final float[][] scaled;

    public ImageScaler(InputSpec.Image spec) {
        this.spec = spec;
        this.multipliers = new float[spec.channels()];
        this.addends = new float[spec.channels()];
        PixelScale scale = spec.scale();
        for (int channel = 0; channel < spec.channels(); channel++) {
            double mean = perChannel(scale.mean(), channel, 0);
            double deviation = perChannel(scale.deviation(), channel, 1);
            multipliers[channel] = (float) ((scale.high() - scale.low()) / 255 / deviation);
            addends[channel] = (float) ((scale.low() - mean) / deviation);
        }
        this.whole = !spec.type().hasFractions();
        this.scaled = new float[spec.channels()][256];
        for (int channel = 0; channel < spec.channels(); channel++) {
            for (int value = 0; value < 256; value++) {
                scaled[channel][value] = scaled(value, channel);
            }
        }
    }

    private static double perChannel(List<Double> values, int channel, double otherwise) {
        return values.isEmpty() ? otherwise : values.get(channel);
    }

    /** {@code height × width × channels} numbers in the input's layout. */
    public float[] row(Pixels pixels) {
        if (pixels.width() == spec.width()
                && pixels.height() == spec.height()
                && pixels.channels() == spec.channels()
                && spec.channels() != 4) {
            return asItIs(pixels);
        }
        Span columns = span(pixels.width(), pixels.height(), spec.width(), spec.height());
        Span rows = span(pixels.height(), pixels.width(), spec.height(), spec.width());
        Resampling resampling =
                new Resampling(pixels, spec.channels(), Taps.of(columns, spec.resize()), Taps.of(rows, spec.resize()));

        float[] row = new float[spec.width() * spec.height() * spec.channels()];
        if (spec.fit() == InputSpec.Image.Fit.PAD) {
            fillWithBlack(row);
        }
        for (int y = 0; y < rows.targetSize(); y++) {
            write(resampling.line(y), columns, rows.targetStart() + y, row);
        }
        return row;
    }

    /** Of the target's size and channels already: every pixel is its own and only one. */
    private float[] asItIs(Pixels pixels) {
        float[] row = new float[spec.width() * spec.height() * spec.channels()];
        byte[] data = pixels.data();
        for (int y = 0; y < spec.height(); y++) {
            for (int channel = 0; channel < spec.channels(); channel++) {
                float[] values = scaled[channel];
                int from = pixels.offset(0, y) + source(channel);
                int step = pixels.offset(1, y) - pixels.offset(0, y);
                int to = target(y * spec.width(), channel);
                int stride = spec.layout() == Layout.CHANNELS_LAST ? spec.channels() : 1;
                for (int x = 0; x < spec.width(); x++, from += step, to += stride) {
                    row[to] = values[data[from] & 0xFF];
                }
            }
        }
        return row;
    }

    /** Which part of the source goes to which part of the target, along one side. */
    private Span span(int source, int otherSource, int target, int otherTarget) {
        return switch (spec.fit()) {
            case STRETCH -> new Span(0, source, 0, target);
            case CROP -> {
                int cropped = (int) Math.max(1, Math.min(source, (long) otherSource * target / otherTarget));
                yield new Span((source - cropped) / 2, cropped, 0, target);
            }
            case PAD -> {
                int padded = (int) Math.max(1, Math.min(target, (long) source * otherTarget / otherSource));
                yield new Span(0, source, (target - padded) / 2, padded);
            }
        };
    }

    private void fillWithBlack(float[] row) {
        for (int pixel = 0; pixel < spec.width() * spec.height(); pixel++) {
            for (int channel = 0; channel < spec.channels(); channel++) {
                row[target(pixel, channel)] = scaled(0, channel);
            }
        }
    }

    private void write(float[] line, Span columns, int y, float[] row) {
        int channels = spec.channels();
        for (int x = 0; x < columns.targetSize(); x++) {
            int pixel = y * spec.width() + columns.targetStart() + x;
            for (int channel = 0; channel < channels; channel++) {
                row[target(pixel, channel)] = scaled(line[x * channels + source(channel)], channel);
            }
        }
    }

    private int source(int channel) {
        return spec.channelOrder() == ChannelOrder.BGR && spec.channels() > 1 && channel < 3 ? 2 - channel : channel;
    }

    private int target(int pixel, int channel) {
        return spec.layout() == Layout.CHANNELS_LAST
                ? pixel * spec.channels() + channel
                : channel * spec.width() * spec.height() + pixel;
    }

    private float scaled(float value, int channel) {
        float scaled = value * multipliers[channel] + addends[channel];
        return whole ? Math.round(scaled) : scaled;
    }

    /** A run of source pixels and the run of target pixels that it becomes. */
    record Span(int sourceStart, int sourceSize, int targetStart, int targetSize) {}
}
