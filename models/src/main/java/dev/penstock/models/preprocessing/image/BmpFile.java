package dev.penstock.models.preprocessing.image;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The headers of a Windows bitmap: 1, 4, 8, 16, 24 and 32 bits a pixel, run-length encoded or not, bottom-up or
 * top-down. A fourth channel counts as opacity only where the header gives it a mask.
 *
 * @param redMask and the others: where a channel's bits are in 16 and 32 bits; 0 for none
 * @param paletteAt where the colours start, {@code paletteEntryBytes} each: blue, green, red
 * @see <a href="https://learn.microsoft.com/en-us/windows/win32/gdi/bitmap-storage">Bitmap storage</a>
 */
@SuppressWarnings("ArrayRecordComponent") // A view of one payload, which is not copied.
record BmpFile(
        byte[] content,
        int width,
        int height,
        boolean topDown,
        int bits,
        int compression,
        int redMask,
        int greenMask,
        int blueMask,
        int alphaMask,
        int paletteAt,
        int paletteSize,
        int paletteEntryBytes,
        int dataAt)
        implements ImageFile {
    static final int UNCOMPRESSED = 0;
    static final int RUN_LENGTH_8 = 1;
    static final int RUN_LENGTH_4 = 2;
    static final int MASKS = 3;
    private static final int ALPHA_MASKS = 6;

    private static final int FILE_HEADER = 14;
    private static final int CORE_HEADER = 12;
    private static final int INFO_HEADER = 40;

    static boolean matches(byte[] content) {
        return content.length >= 2 && content[0] == 'B' && content[1] == 'M';
    }

    static BmpFile open(byte[] content, long pixels) throws UnusablePayloadException {
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        require(content, FILE_HEADER + CORE_HEADER);
        int headerSize = bytes.getInt(FILE_HEADER);
        boolean core = headerSize == CORE_HEADER;
        if (!core && (headerSize < INFO_HEADER || headerSize > 124)) {
            throw ImageFile.invalid("Cannot decode BMP: its header has %d bytes; 12 and 40 to 124 are known"
                    .formatted(headerSize & 0xFFFFFFFFL));
        }
        require(content, FILE_HEADER + headerSize);
        long width = core ? Short.toUnsignedInt(bytes.getShort(18)) : bytes.getInt(18);
        long signedHeight = core ? Short.toUnsignedInt(bytes.getShort(20)) : bytes.getInt(22);
        ImageFile.checkSize("BMP", width, Math.abs(signedHeight), pixels);
        int bits = Short.toUnsignedInt(bytes.getShort(core ? 24 : 28));
        int compression = core ? UNCOMPRESSED : bytes.getInt(30);
        checkEncoding(bits, compression, signedHeight < 0);

        boolean masked = compression == MASKS || compression == ALPHA_MASKS;
        int masksAt = FILE_HEADER + INFO_HEADER;
        int masksAfterHeader = masked && headerSize == INFO_HEADER ? compression == MASKS ? 12 : 16 : 0;
        require(content, FILE_HEADER + headerSize + masksAfterHeader);
        boolean alpha = masked && (compression == ALPHA_MASKS || headerSize >= INFO_HEADER + 16);
        int paletteAt = FILE_HEADER + headerSize + masksAfterHeader;
        int entryBytes = core ? 3 : 4;
        long claimedColours = core ? 0 : bytes.getInt(46) & 0xFFFFFFFFL;
        long colours = bits > 8 ? 0 : claimedColours == 0 ? 1 << bits : claimedColours;
        if (colours > 256) {
            throw ImageFile.invalid(
                    "Cannot decode BMP: its palette has %d colours for %d bits".formatted(colours, bits));
        }
        require(content, paletteAt + colours * entryBytes);
        long dataAt = bytes.getInt(10) & 0xFFFFFFFFL;
        if (dataAt < paletteAt || dataAt > content.length) {
            throw ImageFile.invalid("Cannot decode BMP: its pixels start at byte %d, after %d bytes of header, of %d"
                    .formatted(dataAt, paletteAt, content.length));
        }
        BmpFile file = new BmpFile(
                content,
                (int) width,
                (int) Math.abs(signedHeight),
                signedHeight < 0,
                bits,
                compression == ALPHA_MASKS ? MASKS : compression,
                masked ? bytes.getInt(masksAt) : bits == 16 ? 0x7C00 : 0xFF0000,
                masked ? bytes.getInt(masksAt + 4) : bits == 16 ? 0x03E0 : 0x00FF00,
                masked ? bytes.getInt(masksAt + 8) : bits == 16 ? 0x001F : 0x0000FF,
                alpha ? bytes.getInt(masksAt + 12) : 0,
                paletteAt,
                (int) colours,
                entryBytes,
                (int) dataAt);
        if (!file.isRunLength()) {
            require(content, dataAt + file.rowBytes() * file.height);
        }
        return file;
    }

    private static void checkEncoding(int bits, int compression, boolean topDown) throws UnusablePayloadException {
        boolean known =
                switch (compression) {
                    case UNCOMPRESSED -> bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
                    case RUN_LENGTH_8 -> bits == 8 && !topDown;
                    case RUN_LENGTH_4 -> bits == 4 && !topDown;
                    case MASKS, ALPHA_MASKS -> bits == 16 || bits == 32;
                    default -> false;
                };
        if (!known) {
            String name =
                    switch (compression) {
                        case 4 -> "JPEG inside BMP";
                        case 5 -> "PNG inside BMP";
                        default -> "compression %d with %d bits".formatted(compression, bits);
                    };
            throw ImageFile.invalid("Cannot decode BMP: there is no support for %s".formatted(name));
        }
    }

    private static void require(byte[] content, long length) throws UnusablePayloadException {
        if (content.length < length) {
            throw ImageFile.invalid(
                    "Cannot decode BMP: it has %d bytes, its header needs %d".formatted(content.length, length));
        }
    }

    boolean isRunLength() {
        return compression == RUN_LENGTH_4 || compression == RUN_LENGTH_8;
    }

    /** Rows are padded to four bytes. */
    long rowBytes() {
        return ((long) width * bits + 31) / 32 * 4;
    }

    @Override
    public Pixels decode() throws UnusablePayloadException {
        return new BmpDecoder(this).decode();
    }
}
