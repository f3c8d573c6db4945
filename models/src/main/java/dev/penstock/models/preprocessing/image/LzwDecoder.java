package dev.penstock.models.preprocessing.image;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;

/**
 * Undoes GIF's variant of LZW, in time linear in the pixels.
 *
 * @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF89a specification, appendix F</a>
 */
final class LzwDecoder {
    private static final int LARGEST_CODE_BITS = 12;
    private static final int CODES = 1 << LARGEST_CODE_BITS;

    private final byte[] content;
    private final int literalBits;

    // A code stands for the colours of its prefix and then its suffix.
    private final short[] prefixes = new short[CODES];
    private final byte[] suffixes = new byte[CODES];
    private final byte[] firsts = new byte[CODES];
    private final int[] lengths = new int[CODES];

    private int at;
    private int leftInBlock;
    private int buffer;
    private int bufferedBits;

    /**
     * @param content whose blocks from {@code dataAt} on are known to be complete, the empty last one included
     * @param dataAt where the number of bits of a literal is, the first block after it
     */
    LzwDecoder(byte[] content, int dataAt) throws UnusablePayloadException {
        this.content = content;
        this.literalBits = content[dataAt];
        this.at = dataAt + 1;
        if (literalBits < 1 || literalBits > 8) {
            throw ImageFile.invalid("Cannot decode GIF: its codes start with %d bits; 1 to 8 are allowed"
                    .formatted(literalBits & 0xFF));
        }
        for (int literal = 0; literal < 1 << literalBits; literal++) {
            suffixes[literal] = (byte) literal;
            firsts[literal] = (byte) literal;
            lengths[literal] = 1;
        }
    }

    /** One colour a pixel. */
    byte[] unpack(int count) throws UnusablePayloadException {
        byte[] colours = new byte[count];
        int clear = 1 << literalBits;
        int end = clear + 1;
        int next = end + 1;
        int codeBits = literalBits + 1;
        int previous = -1;
        int written = 0;
        while (written < count) {
            int code = nextCode(codeBits);
            if (code < 0 || code == end) {
                throw ImageFile.invalid(
                        "Cannot decode GIF: its data ends after %d of %d pixels".formatted(written, count));
            }
            if (code == clear) {
                next = end + 1;
                codeBits = literalBits + 1;
                previous = -1;
                continue;
            }
            boolean growing = previous >= 0 && next < CODES;
            // A code may name the very entry that it completes, but nothing after it.
            if (code >= (growing ? next + 1 : previous < 0 ? clear : next)) {
                throw ImageFile.invalid(
                        "Cannot decode GIF: its data is damaged at pixel %d of %d".formatted(written, count));
            }
            if (growing) {
                prefixes[next] = (short) previous;
                firsts[next] = firsts[previous];
                lengths[next] = lengths[previous] + 1;
                suffixes[next] = firsts[code == next ? previous : code];
                next++;
                if (next == 1 << codeBits && codeBits < LARGEST_CODE_BITS) {
                    codeBits++;
                }
            }
            written = write(code, colours, written);
            previous = code;
        }
        return colours;
    }

    private int write(int code, byte[] colours, int start) {
        int end = start + lengths[code];
        int link = code;
        for (int index = end - 1; index >= start; index--) {
            if (index < colours.length) {
                colours[index] = suffixes[link];
            }
            link = prefixes[link];
        }
        return Math.min(end, colours.length);
    }

    /** The next code, lowest bit first and across blocks, or -1 after the last block. */
    private int nextCode(int bits) {
        while (bufferedBits < bits) {
            if (leftInBlock == 0) {
                leftInBlock = content[at] & 0xFF;
                if (leftInBlock == 0) {
                    return -1;
                }
                at++;
            }
            buffer |= (content[at++] & 0xFF) << bufferedBits;
            bufferedBits += 8;
            leftInBlock--;
        }
        int code = buffer & ((1 << bits) - 1);
        buffer >>>= bits;
        bufferedBits -= bits;
        return code;
    }
}
