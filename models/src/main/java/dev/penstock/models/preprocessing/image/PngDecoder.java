package dev.penstock.models.preprocessing.image;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates a PNG's rows a few at a time, so that its data can never unpack to more than its header said. */
final class PngDecoder {
    /** What is inflated at once, if a row is not longer: zlib is slow where it has little room to write into. */
    private static final int BLOCK_BYTES = 32 * 1024;

    /** Where the pixels of one pass lie; Adam7 has seven. */
    private record Pass(int x, int y, int stepX, int stepY) {}

    private static final Pass[] WHOLE = {new Pass(0, 0, 1, 1)};
    private static final Pass[] ADAM7 = {
        new Pass(0, 0, 8, 8),
        new Pass(4, 0, 8, 8),
        new Pass(0, 4, 4, 8),
        new Pass(2, 0, 4, 4),
        new Pass(0, 2, 2, 4),
        new Pass(1, 0, 2, 2),
        new Pass(0, 1, 1, 2)
    };

    private final PngFile file;
    private final int samples;
    private final int bitsPerPixel;
    private final int channels;
    private final ByteBuffer bytes;
    private int nextChunk;

    PngDecoder(PngFile file) {
        this.file = file;
        this.samples = switch (file.colourType()) {
            case PngFile.GREY, PngFile.PALETTE -> 1;
            case PngFile.GREY_ALPHA -> 2;
            case PngFile.COLOUR -> 3;
            default -> 4;
        };
        this.bitsPerPixel = samples * file.bitDepth();
        this.channels = channels(file);
        this.bytes = ByteBuffer.wrap(file.content());
        this.nextChunk = file.firstData();
    }

    private static int channels(PngFile file) {
        if (file.transparency() != null
                || file.colourType() == PngFile.GREY_ALPHA
                || file.colourType() == PngFile.COLOUR_ALPHA) {
            return 4;
        }
        return file.colourType() == PngFile.GREY ? 1 : 3;
    }

    Pixels decode() throws UnusablePayloadException {
        byte[] pixels = new byte[file.width() * file.height() * channels];
        Inflater inflater = new Inflater();
        try {
            for (Pass pass : file.interlaced() ? ADAM7 : WHOLE) {
                decode(pass, inflater, pixels);
            }
        } finally {
            inflater.end();
        }
        return Pixels.of(pixels, file.width(), file.height(), channels);
    }

    private void decode(Pass pass, Inflater inflater, byte[] pixels) throws UnusablePayloadException {
        int columns = Math.max(0, (file.width() - pass.x() + pass.stepX() - 1) / pass.stepX());
        int rows = Math.max(0, (file.height() - pass.y() + pass.stepY() - 1) / pass.stepY());
        if (columns == 0 || rows == 0) {
            return;
        }
        // One byte in front of each row for its filter; the row before the first counts as zeros.
        int length = 1 + (int) (((long) columns * bitsPerPixel + 7) / 8);
        int blockRows = Math.max(1, Math.min(rows, BLOCK_BYTES / length));
        byte[] block = new byte[(1 + blockRows) * length];
        for (int done = 0; done < rows; done += blockRows) {
            int some = Math.min(blockRows, rows - done);
            inflate(inflater, block, length, some * length);
            for (int index = 0; index < some; index++) {
                int row = (1 + index) * length;
                unfilter(block, row, length);
                int y = pass.y() + (done + index) * pass.stepY();
                int start = (y * file.width() + pass.x()) * channels;
                expand(block, row + 1, columns, pixels, start, pass.stepX() * channels);
            }
            System.arraycopy(block, some * length, block, 0, length);
        }
    }

    private void inflate(Inflater inflater, byte[] block, int start, int length) throws UnusablePayloadException {
        int filled = 0;
        try {
            while (filled < length) {
                int count = inflater.inflate(block, start + filled, length - filled);
                filled += count;
                if (count == 0 && !(inflater.needsInput() && feed(inflater))) {
                    throw ImageFile.invalid("Cannot decode PNG: its pixel data ends early, for %d × %d pixels"
                            .formatted(file.width(), file.height()));
                }
            }
        } catch (DataFormatException e) {
            throw ImageFile.invalid("Cannot decode PNG: its pixel data is damaged: %s".formatted(e.getMessage()));
        }
    }

    /** Gives the next data chunk to the inflater; its length was checked when the file was opened. */
    private boolean feed(Inflater inflater) {
        if (bytes.getInt(nextChunk + 4) != PngFile.DATA_CHUNK) {
            return false;
        }
        int length = bytes.getInt(nextChunk);
        inflater.setInput(file.content(), nextChunk + 8, length);
        nextChunk += PngFile.CHUNK_OVERHEAD + length;
        return true;
    }

    /** @param row where it starts, with its filter; the one before it ends there */
    private void unfilter(byte[] block, int row, int length) throws UnusablePayloadException {
        int back = Math.max(1, bitsPerPixel / 8);
        int first = row + 1;
        int second = Math.min(first + back, row + length);
        int end = row + length;
        switch (block[row]) {
            case 0 -> {}
            case 1 -> {
                for (int at = second; at < end; at++) {
                    block[at] += block[at - back];
                }
            }
            case 2 -> {
                for (int at = first; at < end; at++) {
                    block[at] += block[at - length];
                }
            }
            case 3 -> {
                for (int at = first; at < second; at++) {
                    block[at] += (byte) ((block[at - length] & 0xFF) >> 1);
                }
                for (int at = second; at < end; at++) {
                    block[at] += (byte) (((block[at - back] & 0xFF) + (block[at - length] & 0xFF)) >> 1);
                }
            }
            case 4 -> {
                for (int at = first; at < second; at++) {
                    block[at] += (byte) paeth(0, block[at - length] & 0xFF, 0);
                }
                for (int at = second; at < end; at++) {
                    block[at] += (byte)
                            paeth(block[at - back] & 0xFF, block[at - length] & 0xFF, block[at - length - back] & 0xFF);
                }
            }
            default ->
                throw ImageFile.invalid(
                        "Cannot decode PNG: a row has filter %d; known are 0 to 4".formatted(block[row] & 0xFF));
        }
    }

    private static int paeth(int left, int upper, int upperLeft) {
        int toLeft = Math.abs(upper - upperLeft);
        int toUpper = Math.abs(left - upperLeft);
        int toUpperLeft = Math.abs(left + upper - 2 * upperLeft);
        if (toLeft <= toUpper && toLeft <= toUpperLeft) {
            return left;
        }
        return toUpper <= toUpperLeft ? upper : upperLeft;
    }

    /** Writes one row of samples of any depth as pixels of 8 bits a channel, {@code stride} bytes apart. */
    private void expand(byte[] block, int row, int columns, byte[] pixels, int start, int stride)
            throws UnusablePayloadException {
        if (file.bitDepth() == 8 && samples == channels && file.colourType() != PngFile.PALETTE && stride == channels) {
            System.arraycopy(block, row, pixels, start, columns * channels);
            return;
        }
        byte[] transparency = file.transparency();
        int at = start;
        for (int column = 0; column < columns; column++, at += stride) {
            switch (file.colourType()) {
                case PngFile.PALETTE -> expandPalette(sample(block, row, column), pixels, at);
                case PngFile.GREY -> {
                    int grey = sample(block, row, column);
                    pixels[at] = eightBits(grey);
                    if (transparency != null) {
                        pixels[at + 1] = pixels[at];
                        pixels[at + 2] = pixels[at];
                        pixels[at + 3] = (byte) (grey == sixteenBits(transparency, 0) ? 0 : 255);
                    }
                }
                case PngFile.GREY_ALPHA -> {
                    byte grey = eightBits(sample(block, row, 2 * column));
                    pixels[at] = grey;
                    pixels[at + 1] = grey;
                    pixels[at + 2] = grey;
                    pixels[at + 3] = eightBits(sample(block, row, 2 * column + 1));
                }
                default -> {
                    int first = samples * column;
                    for (int channel = 0; channel < samples; channel++) {
                        pixels[at + channel] = eightBits(sample(block, row, first + channel));
                    }
                    if (transparency != null) {
                        pixels[at + 3] = (byte) (isTransparent(block, row, first, transparency) ? 0 : 255);
                    }
                }
            }
        }
    }

    private void expandPalette(int index, byte[] pixels, int at) throws UnusablePayloadException {
        byte[] palette = file.palette();
        byte[] transparency = file.transparency();
        if (palette == null || 3 * index + 2 >= palette.length) {
            throw ImageFile.invalid("Cannot decode PNG: a pixel has colour %d, the palette has %d"
                    .formatted(index, palette == null ? 0 : palette.length / 3));
        }
        System.arraycopy(palette, 3 * index, pixels, at, 3);
        if (transparency != null) {
            pixels[at + 3] = index < transparency.length ? transparency[index] : (byte) 255;
        }
    }

    private boolean isTransparent(byte[] block, int row, int first, byte[] transparency) {
        return sample(block, row, first) == sixteenBits(transparency, 0)
                && sample(block, row, first + 1) == sixteenBits(transparency, 2)
                && sample(block, row, first + 2) == sixteenBits(transparency, 4);
    }

    private int sample(byte[] block, int row, int index) {
        int bits = file.bitDepth();
        if (bits == 8) {
            return block[row + index] & 0xFF;
        }
        if (bits == 16) {
            return sixteenBits(block, row + 2 * index);
        }
        int shift = 8 - bits - index * bits % 8;
        return (block[row + index * bits / 8] >> shift) & ((1 << bits) - 1);
    }

    private static int sixteenBits(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    /** To the whole range of 8 bits, rounded to the nearest: PNG specification, 12.5. */
    private byte eightBits(int sample) {
        return switch (file.bitDepth()) {
            case 8 -> (byte) sample;
            case 16 -> (byte) ((sample * 255 + 32_895) >> 16);
            default -> (byte) (sample * 255 / ((1 << file.bitDepth()) - 1));
        };
    }
}
