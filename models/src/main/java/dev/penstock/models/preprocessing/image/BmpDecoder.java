package dev.penstock.models.preprocessing.image;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;

/** Reads the pixels of a bitmap whose headers are known to fit its bytes. */
final class BmpDecoder {
    private final BmpFile file;
    private final byte[] content;
    private final int channels;
    private final byte[] pixels;

    BmpDecoder(BmpFile file) {
        this.file = file;
        this.content = file.content();
        this.channels = file.alphaMask() == 0 ? 3 : 4;
        this.pixels = new byte[file.width() * file.height() * channels];
    }

    Pixels decode() throws UnusablePayloadException {
        if (file.isRunLength()) {
            decodeRuns();
        } else {
            for (int row = 0; row < file.height(); row++) {
                decodeRow((int) (file.dataAt() + row * file.rowBytes()), at(0, row));
            }
        }
        return Pixels.of(pixels, file.width(), file.height(), channels);
    }

    /** @param row in the order of the file, usually from the bottom */
    private int at(int column, int row) {
        int y = file.topDown() ? row : file.height() - 1 - row;
        return (y * file.width() + column) * channels;
    }

    private void decodeRow(int from, int to) throws UnusablePayloadException {
        int bits = file.bits();
        for (int column = 0; column < file.width(); column++) {
            int at = to + column * channels;
            if (bits == 24) {
                pixels[at] = content[from + 3 * column + 2];
                pixels[at + 1] = content[from + 3 * column + 1];
                pixels[at + 2] = content[from + 3 * column];
            } else if (bits == 32) {
                writeMasked(little(from + 4 * column) | (little(from + 4 * column + 2) << 16), at);
            } else if (bits == 16) {
                writeMasked(little(from + 2 * column), at);
            } else {
                int shift = 8 - bits - column * bits % 8;
                writeColour((content[from + column * bits / 8] >> shift) & ((1 << bits) - 1), at);
            }
        }
    }

    private int little(int at) {
        return (content[at] & 0xFF) | ((content[at + 1] & 0xFF) << 8);
    }

    private void writeMasked(int value, int at) {
        pixels[at] = channel(value, file.redMask());
        pixels[at + 1] = channel(value, file.greenMask());
        pixels[at + 2] = channel(value, file.blueMask());
        if (channels == 4) {
            pixels[at + 3] = channel(value, file.alphaMask());
        }
    }

    /** The masked bits, stretched to 0 to 255. */
    private static byte channel(int value, int mask) {
        if (mask == 0) {
            return 0;
        }
        int shift = Integer.numberOfTrailingZeros(mask);
        long largest = Integer.toUnsignedLong(mask) >> shift;
        long bits = Integer.toUnsignedLong(value & mask) >> shift;
        return (byte) ((bits * 255 + largest / 2) / largest);
    }

    private void writeColour(int index, int at) throws UnusablePayloadException {
        if (index >= file.paletteSize()) {
            throw ImageFile.invalid("Cannot decode BMP: a pixel has colour %d, the palette has %d"
                    .formatted(index, file.paletteSize()));
        }
        int entry = file.paletteAt() + index * file.paletteEntryBytes();
        pixels[at] = content[entry + 2];
        pixels[at + 1] = content[entry + 1];
        pixels[at + 2] = content[entry];
    }

    /** Pairs of count and colour; a count of 0 announces end of row, end of image, a jump, or colours as they are. */
    private void decodeRuns() throws UnusablePayloadException {
        for (int row = 0; row < file.height(); row++) {
            for (int column = 0; column < file.width(); column++) {
                writeColour(0, at(column, row));
            }
        }
        int from = file.dataAt();
        int column = 0;
        int row = 0;
        while (true) {
            int count = next(from);
            int second = next(from + 1);
            from += 2;
            if (count > 0) {
                column = writeRun(count, second, column, row);
            } else if (second == 0) {
                column = 0;
                row++;
            } else if (second == 1) {
                return;
            } else if (second == 2) {
                column += next(from);
                row += next(from + 1);
                from += 2;
            } else {
                for (int index = 0; index < second; index++) {
                    int packed = next(from + (nibbles() ? index / 2 : index));
                    column = writeRun(1, nibbles() && index % 2 == 1 ? packed << 4 : packed, column, row);
                }
                int bytes = nibbles() ? (second + 1) / 2 : second;
                from += bytes + bytes % 2;
            }
        }
    }

    private boolean nibbles() {
        return file.compression() == BmpFile.RUN_LENGTH_4;
    }

    private int next(int at) throws UnusablePayloadException {
        if (at >= content.length) {
            throw ImageFile.invalid(
                    "Cannot decode BMP: its runs end at byte %d without an end of image".formatted(content.length));
        }
        return content[at] & 0xFF;
    }

    /** @return the column after the run */
    private int writeRun(int count, int packed, int column, int row) throws UnusablePayloadException {
        if (row >= file.height() || column + count > file.width()) {
            throw ImageFile.invalid("Cannot decode BMP: a run of %d pixels at column %d of row %d leaves %d × %d"
                    .formatted(count, column, row, file.width(), file.height()));
        }
        for (int index = 0; index < count; index++) {
            int colour = nibbles() ? index % 2 == 0 ? (packed >> 4) & 0x0F : packed & 0x0F : packed;
            writeColour(colour, at(column + index, row));
        }
        return column + count;
    }
}
