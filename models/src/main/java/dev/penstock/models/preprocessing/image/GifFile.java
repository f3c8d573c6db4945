package dev.penstock.models.preprocessing.image;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The structure of a GIF file, walked up to its trailer, of which the first frame is the image: drawn on a canvas that
 * is transparent where the frame does not reach.
 *
 * @param transparentIndex colour that is left out, or -1
 * @param paletteAt where the frame's colours start, three bytes each
 * @param dataAt where the frame's compressed data starts: code size, then blocks
 * @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF89a specification</a>
 */
@SuppressWarnings("ArrayRecordComponent") // A view of one payload, which is not copied.
record GifFile(
        byte[] content,
        int width,
        int height,
        Frame frame,
        boolean interlaced,
        int transparentIndex,
        int paletteAt,
        int paletteSize,
        int dataAt)
        implements ImageFile {
    record Frame(int left, int top, int width, int height) {}

    private static final int SCREEN_HEADER = 13;
    private static final int FRAME_HEADER = 10;

    static boolean matches(byte[] content) {
        return content.length >= 6
                && content[0] == 'G'
                && content[1] == 'I'
                && content[2] == 'F'
                && content[3] == '8'
                && (content[4] == '7' || content[4] == '9')
                && content[5] == 'a';
    }

    static GifFile open(byte[] content, long pixels) throws UnusablePayloadException {
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        require(content, 0, SCREEN_HEADER);
        int screenWidth = Short.toUnsignedInt(bytes.getShort(6));
        int screenHeight = Short.toUnsignedInt(bytes.getShort(8));
        // A screen of no size is taken from the frame, as browsers do.
        if (screenWidth > 0 && screenHeight > 0) {
            ImageFile.checkSize("GIF", screenWidth, screenHeight, pixels);
        }
        int globalPalette = paletteSize(content[10]);
        int at = SCREEN_HEADER + 3 * globalPalette;
        int transparentIndex = -1;
        GifFile first = null;
        while (true) {
            require(content, at, 1);
            switch (content[at]) {
                case 0x21 -> {
                    require(content, at, 8);
                    // A graphic control extension belongs to the frame after it.
                    if (content[at + 1] == (byte) 0xF9 && content[at + 2] >= 4) {
                        transparentIndex = (content[at + 3] & 1) == 1 ? content[at + 6] & 0xFF : -1;
                    }
                    at = endOfBlocks(content, at + 2);
                }
                case 0x2C -> {
                    require(content, at, FRAME_HEADER);
                    int localPalette = paletteSize(content[at + 9]);
                    int dataAt = at + FRAME_HEADER + 3 * localPalette;
                    if (first == null) {
                        Frame frame = new Frame(
                                Short.toUnsignedInt(bytes.getShort(at + 1)),
                                Short.toUnsignedInt(bytes.getShort(at + 3)),
                                Short.toUnsignedInt(bytes.getShort(at + 5)),
                                Short.toUnsignedInt(bytes.getShort(at + 7)));
                        ImageFile.checkSize("GIF", frame.width(), frame.height(), pixels);
                        int width = Math.max(screenWidth, frame.left() + frame.width());
                        int height = Math.max(screenHeight, frame.top() + frame.height());
                        ImageFile.checkSize("GIF", width, height, pixels);
                        first = new GifFile(
                                content,
                                width,
                                height,
                                frame,
                                (content[at + 9] & 0x40) != 0,
                                transparentIndex,
                                localPalette > 0 ? at + FRAME_HEADER : SCREEN_HEADER,
                                localPalette > 0 ? localPalette : globalPalette,
                                dataAt);
                    }
                    transparentIndex = -1;
                    at = endOfBlocks(content, dataAt + 1);
                }
                case 0x3B -> {
                    if (first == null) {
                        throw ImageFile.invalid("Cannot decode GIF: it has no frame");
                    }
                    return first;
                }
                default ->
                    throw ImageFile.invalid("Cannot decode GIF: there is no block of type %02x, at byte %d of %d"
                            .formatted(content[at] & 0xFF, at, content.length));
            }
        }
    }

    private static int paletteSize(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 2 << (flags & 0x07);
    }

    /** Steps over blocks of up to 255 bytes, each after its length; one of no length is the last. */
    private static int endOfBlocks(byte[] content, int start) throws UnusablePayloadException {
        int at = start;
        while (true) {
            require(content, at, 1);
            int length = content[at] & 0xFF;
            at += 1 + length;
            if (length == 0) {
                return at;
            }
        }
    }

    private static void require(byte[] content, int at, int length) throws UnusablePayloadException {
        if (content.length - at < length) {
            throw ImageFile.invalid(
                    "Cannot decode GIF: it ends at byte %d, before its trailer".formatted(content.length));
        }
    }

    @Override
    public Pixels decode() throws UnusablePayloadException {
        byte[] colours = new LzwDecoder(content, dataAt).unpack(frame.width() * frame.height());
        boolean opaque = transparentIndex < 0 && frame.width() == width && frame.height() == height;
        int channels = opaque ? 3 : 4;
        byte[] pixels = new byte[width * height * channels];
        for (int row = 0; row < frame.height(); row++) {
            int y = frame.top() + (interlaced ? interlacedRow(row) : row);
            int at = (y * width + frame.left()) * channels;
            for (int column = 0; column < frame.width(); column++, at += channels) {
                int colour = colours[row * frame.width() + column] & 0xFF;
                if (colour == transparentIndex) {
                    continue;
                }
                if (colour >= paletteSize) {
                    throw ImageFile.invalid("Cannot decode GIF: a pixel has colour %d, the palette has %d"
                            .formatted(colour, paletteSize));
                }
                System.arraycopy(content, paletteAt + 3 * colour, pixels, at, 3);
                if (!opaque) {
                    pixels[at + 3] = (byte) 255;
                }
            }
        }
        return Pixels.of(pixels, width, height, channels);
    }

    /** Every 8th row, then every 8th from 4, every 4th from 2, every 2nd from 1. */
    private int interlacedRow(int row) {
        int eighths = (frame.height() + 7) / 8;
        int quarters = (frame.height() + 3) / 4;
        int halves = (frame.height() + 1) / 2;
        if (row < eighths) {
            return 8 * row;
        }
        if (row < quarters) {
            return 8 * (row - eighths) + 4;
        }
        if (row < halves) {
            return 4 * (row - quarters) + 2;
        }
        return 2 * (row - halves) + 1;
    }
}
