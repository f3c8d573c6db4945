package dev.penstock.models.preprocessing.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The structure of a PNG file: every chunk complete and undamaged (lengths, CRCs, order, {@code IEND}), colour types
 * 0, 2, 3, 4 and 6 in every bit depth. Text, profiles and other ancillary chunks are stepped over, never inflated.
 *
 * @see <a href="https://www.w3.org/TR/png-3/">Portable Network Graphics (PNG) Specification, third edition</a>
 */
@SuppressWarnings("ArrayRecordComponent") // A view of one payload, which is not copied.
record PngFile(
        byte[] content,
        int width,
        int height,
        int bitDepth,
        int colourType,
        boolean interlaced,
        byte @Nullable [] palette,
        byte @Nullable [] transparency,
        int firstData)
        implements ImageFile {
    static final int GREY = 0;
    static final int COLOUR = 2;
    static final int PALETTE = 3;
    static final int GREY_ALPHA = 4;
    static final int COLOUR_ALPHA = 6;

    static final int DATA_CHUNK = 0x49444154; // IDAT
    /** Length and type before a chunk's content, CRC after it. */
    static final int CHUNK_OVERHEAD = 12;

    private static final byte[] SIGNATURE = "\u0089PNG\r\n\u001a\n".getBytes(ISO_8859_1);
    private static final int HEADER_CHUNK = 0x49484452; // IHDR
    private static final int PALETTE_CHUNK = 0x504C5445; // PLTE
    private static final int TRANSPARENCY_CHUNK = 0x74524E53; // tRNS
    private static final int END_CHUNK = 0x49454E44; // IEND
    private static final int ANCILLARY_BIT = 0x20000000; // lower-case first letter

    static boolean matches(byte[] content) {
        return content.length >= SIGNATURE.length
                && Arrays.equals(content, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    static PngFile open(byte[] content, long pixels) throws UnusablePayloadException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        Chunk header = Chunk.at(bytes, SIGNATURE.length);
        if (header.type != HEADER_CHUNK || header.length != 13) {
            throw ImageFile.invalid("Cannot decode PNG: it starts with chunk '%s' of %d bytes instead of IHDR of 13"
                    .formatted(header.name(), header.length));
        }
        // Before anything that takes time in the size of the file.
        long width = bytes.getInt(header.content()) & 0xFFFFFFFFL;
        long height = bytes.getInt(header.content() + 4) & 0xFFFFFFFFL;
        ImageFile.checkSize("PNG", width, height, pixels);
        int bitDepth = bytes.get(header.content() + 8) & 0xFF;
        int colourType = bytes.get(header.content() + 9) & 0xFF;
        checkColour(bitDepth, colourType);
        if (bytes.getShort(header.content() + 10) != 0 || (bytes.get(header.content() + 12) & 0xFF) > 1) {
            throw ImageFile.invalid("Cannot decode PNG: compression %d, filter %d, interlace %d; known are 0, 0, 0 or 1"
                    .formatted(
                            bytes.get(header.content() + 10) & 0xFF,
                            bytes.get(header.content() + 11) & 0xFF,
                            bytes.get(header.content() + 12) & 0xFF));
        }
        header.checkCrc(content);

        byte[] palette = null;
        byte[] transparency = null;
        int firstData = 0;
        boolean dataEnded = false;
        Chunk chunk = header;
        while (chunk.type != END_CHUNK) {
            chunk = Chunk.at(bytes, chunk.end());
            chunk.checkCrc(content);
            dataEnded |= firstData > 0 && chunk.type != DATA_CHUNK;
            switch (chunk.type) {
                case DATA_CHUNK -> {
                    if (dataEnded) {
                        throw ImageFile.invalid("Cannot decode PNG: its IDAT chunks are not in one run");
                    }
                    firstData = firstData == 0 ? chunk.at : firstData;
                }
                case PALETTE_CHUNK -> palette = chunk.bytes(content);
                case TRANSPARENCY_CHUNK -> transparency = chunk.bytes(content);
                case END_CHUNK -> {}
                default -> {
                    if ((chunk.type & ANCILLARY_BIT) == 0) {
                        throw ImageFile.invalid("Cannot decode PNG: chunk '%s' at byte %d is critical and unknown"
                                .formatted(chunk.name(), chunk.at));
                    }
                }
            }
        }
        if (firstData == 0) {
            throw ImageFile.invalid("Cannot decode PNG: it has no IDAT chunk");
        }
        checkPalette(colourType, palette, transparency);
        return new PngFile(
                content,
                (int) width,
                (int) height,
                bitDepth,
                colourType,
                bytes.get(header.content() + 12) == 1,
                palette,
                colourType == GREY_ALPHA || colourType == COLOUR_ALPHA ? null : transparency,
                firstData);
    }

    private static void checkColour(int bitDepth, int colourType) throws UnusablePayloadException {
        boolean known =
                switch (colourType) {
                    case GREY -> bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8 || bitDepth == 16;
                    case PALETTE -> bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8;
                    case COLOUR, GREY_ALPHA, COLOUR_ALPHA -> bitDepth == 8 || bitDepth == 16;
                    default -> false;
                };
        if (!known) {
            throw ImageFile.invalid(
                    "Cannot decode PNG: there is no colour type %d with %d bits".formatted(colourType, bitDepth));
        }
    }

    private static void checkPalette(int colourType, byte @Nullable [] palette, byte @Nullable [] transparency)
            throws UnusablePayloadException {
        if (colourType == PALETTE && palette == null) {
            throw ImageFile.invalid("Cannot decode PNG: it has palette colours and no PLTE chunk");
        }
        if (palette != null && (palette.length == 0 || palette.length > 3 * 256 || palette.length % 3 != 0)) {
            throw ImageFile.invalid("Cannot decode PNG: its PLTE chunk has %d bytes; 3 to 768 in threes are allowed"
                    .formatted(palette.length));
        }
        int expected = colourType == GREY ? 2 : 6;
        if (transparency != null && (colourType == GREY || colourType == COLOUR) && transparency.length != expected) {
            throw ImageFile.invalid("Cannot decode PNG: its tRNS chunk has %d bytes, colour type %d needs %d"
                    .formatted(transparency.length, colourType, expected));
        }
    }

    @Override
    public Pixels decode() throws UnusablePayloadException {
        return new PngDecoder(this).decode();
    }

    private record Chunk(int at, int length, int type) {
        static Chunk at(ByteBuffer bytes, int at) throws UnusablePayloadException {
            if (bytes.capacity() - at < CHUNK_OVERHEAD) {
                throw ImageFile.invalid(
                        "Cannot decode PNG: it ends at byte %d, before its IEND chunk".formatted(bytes.capacity()));
            }
            Chunk chunk = new Chunk(at, bytes.getInt(at), bytes.getInt(at + 4));
            long left = bytes.capacity() - at - (long) CHUNK_OVERHEAD;
            if (chunk.length < 0 || chunk.length > left) {
                throw ImageFile.invalid("Cannot decode PNG: chunk '%s' at byte %d claims %d bytes, %d are left"
                        .formatted(chunk.name(), at, chunk.length & 0xFFFFFFFFL, left));
            }
            return chunk;
        }

        int content() {
            return at + 8;
        }

        int end() {
            return at + CHUNK_OVERHEAD + length;
        }

        byte[] bytes(byte[] file) {
            return Arrays.copyOfRange(file, content(), content() + length);
        }

        void checkCrc(byte[] file) throws UnusablePayloadException {
            CRC32 crc = new CRC32();
            crc.update(file, at + 4, length + 4);
            int expected = ByteBuffer.wrap(file).getInt(content() + length);
            if ((int) crc.getValue() != expected) {
                throw ImageFile.invalid("Cannot decode PNG: chunk '%s' at byte %d is damaged: its CRC is %08x, not %08x"
                        .formatted(name(), at, (int) crc.getValue(), expected));
            }
        }

        /** Four letters; other bytes as dots, since the name goes into a message. */
        String name() {
            return new String(ByteBuffer.allocate(4).putInt(type).array(), ISO_8859_1).replaceAll("[^A-Za-z]", ".");
        }
    }
}
