package dev.penstock.models.preprocessing.image;

import java.util.Arrays;

/**
 * Resamples one image, a line of the target at a time: first along the source's rows, then across them. Source rows
 * that no target line needs are not read.
 */
final class Resampling {
    private static final float WHITE = 255;

    private final Pixels pixels;
    private final int channels;
    private final Taps columns;
    private final Taps rows;
    private final float[] line;

    // Neighbouring target lines share at most the last source row of one and the first of the next, or both of two.
    private final float[][] resampledRows;
    private final int[] resampledRow = {-1, -1};

    /** @param channels of the target: 1 for grey, 3 for red, green, blue, 4 with opacity */
    Resampling(Pixels pixels, int channels, Taps columns, Taps rows) {
        this.pixels = pixels;
        this.channels = channels;
        this.columns = columns;
        this.rows = rows;
        this.line = new float[columns.first().length * channels];
        this.resampledRows = new float[2][line.length];
    }

    /** {@code [columns, channels]}, 0 to 255; the same array each time. */
    float[] line(int target) {
        Arrays.fill(line, 0);
        for (int tap = 0; tap < rows.width(); tap++) {
            float weight = rows.weights()[target * rows.width() + tap];
            if (weight != 0) {
                float[] row = resampled(rows.first()[target] + tap);
                for (int index = 0; index < line.length; index++) {
                    line[index] += weight * row[index];
                }
            }
        }
        return line;
    }

    private float[] resampled(int sourceRow) {
        int slot = sourceRow & 1;
        float[] row = resampledRows[slot];
        if (resampledRow[slot] == sourceRow) {
            return row;
        }
        Arrays.fill(row, 0);
        for (int target = 0; target < columns.first().length; target++) {
            for (int tap = 0; tap < columns.width(); tap++) {
                float weight = columns.weights()[target * columns.width() + tap];
                if (weight != 0) {
                    add(pixels.offset(columns.first()[target] + tap, sourceRow), weight, row, target * channels);
                }
            }
        }
        resampledRow[slot] = sourceRow;
        return row;
    }

    /** Adds one weighted source pixel, in the target's channels. */
    private void add(int from, float weight, float[] into, int at) {
        byte[] data = pixels.data();
        int sourceChannels = pixels.channels();
        float red = data[from] & 0xFF;
        float green = sourceChannels == 1 ? red : data[from + 1] & 0xFF;
        float blue = sourceChannels == 1 ? red : data[from + 2] & 0xFF;
        float alpha = sourceChannels == 4 ? data[from + 3] & 0xFF : 255;
        if (channels == 4) {
            into[at + 3] += weight * alpha;
        } else if (alpha != 255) {
            float light = WHITE - alpha;
            red = red * alpha / 255 + light;
            green = green * alpha / 255 + light;
            blue = blue * alpha / 255 + light;
        }
        if (channels == 1) {
            into[at] += weight * (sourceChannels == 1 && alpha == 255 ? red : luma(red, green, blue));
        } else {
            into[at] += weight * red;
            into[at + 1] += weight * green;
            into[at + 2] += weight * blue;
        }
    }

    /** ITU-R BT.601. */
    private static float luma(float red, float green, float blue) {
        return 0.299f * red + 0.587f * green + 0.114f * blue;
    }
}
