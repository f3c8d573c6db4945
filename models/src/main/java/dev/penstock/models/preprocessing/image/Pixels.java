package dev.penstock.models.preprocessing.image;

/**
 * A decoded image, 8 bits a channel, without copies between decoder and resampling: turning or mirroring it changes
 * only how it is walked.
 */
public final class Pixels {
    private final byte[] data;
    private final int width;
    private final int height;
    private final int channels;
    private final int origin;
    private final int columnStride;
    private final int rowStride;

    private Pixels(byte[] data, int width, int height, int channels, int origin, int columnStride, int rowStride) {
        this.data = data;
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.origin = origin;
        this.columnStride = columnStride;
        this.rowStride = rowStride;
    }

    /**
     * @param data rows from the top, {@code [height, width, channels]}; kept, not copied
     * @param channels 1 for grey, 3 for red, green, blue, 4 with opacity (0 to 255, not premultiplied)
     */
    static Pixels of(byte[] data, int width, int height, int channels) {
        return new Pixels(data, width, height, channels, 0, channels, width * channels);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** 1 for grey, 3 for red, green, blue, 4 with opacity. */
    public int channels() {
        return channels;
    }

    /** 0 to 255. */
    public int value(int x, int y, int channel) {
        return data[offset(x, y) + channel] & 0xFF;
    }

    byte[] data() {
        return data;
    }

    /** Where the first channel of a pixel is in {@link #data}. */
    int offset(int x, int y) {
        return origin + x * columnStride + y * rowStride;
    }

    /**
     * The image as it should be looked at.
     *
     * @param orientation 1 to 8 as in EXIF 2.32, tag 0x0112; anything else leaves the image as it is
     */
    Pixels oriented(int orientation) {
        int right = (width - 1) * columnStride;
        int bottom = (height - 1) * rowStride;
        return switch (orientation) {
            case 2 -> new Pixels(data, width, height, channels, origin + right, -columnStride, rowStride);
            case 3 -> new Pixels(data, width, height, channels, origin + right + bottom, -columnStride, -rowStride);
            case 4 -> new Pixels(data, width, height, channels, origin + bottom, columnStride, -rowStride);
            case 5 -> new Pixels(data, height, width, channels, origin, rowStride, columnStride);
            case 6 -> new Pixels(data, height, width, channels, origin + bottom, -rowStride, columnStride);
            case 7 -> new Pixels(data, height, width, channels, origin + right + bottom, -rowStride, -columnStride);
            case 8 -> new Pixels(data, height, width, channels, origin + right, rowStride, -columnStride);
            default -> this;
        };
    }
}
