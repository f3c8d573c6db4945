package dev.penstock.models.preprocessing.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The structure of a JPEG file, walked from marker to marker up to its end: baseline, extended and progressive Huffman
 * coding of 8 bits, in grey, RGB, YCbCr, CMYK or YCCK.
 *
 * @param orientation as EXIF says, 1 if it does not
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81</a>
 */
@SuppressWarnings("ArrayRecordComponent") // A view of one payload, which is not copied.
record JpegFile(byte[] content, int width, int height, Colours colours, int orientation) implements ImageFile {
    /** What the components mean; the guesses are libjpeg's (jdapimin.c), and so everybody's. */
    enum Colours {
        GREY,
        RGB,
        YCBCR,
        CMYK,
        /** As Adobe writes CMYK: 255 is no ink. */
        INVERTED_CMYK,
        INVERTED_YCCK
    }

    /** Each progressive scan walks over the whole image again; encoders write about ten, and eighteen at most. */
    static final int MOST_SCANS = 32;

    private static final int START = 0xD8;
    private static final int END = 0xD9;
    private static final int SCAN = 0xDA;
    private static final int HUFFMAN_TABLES = 0xC4;
    private static final int QUANTISATION_TABLES = 0xDB;
    private static final int RESTART_INTERVAL = 0xDD;
    private static final int JFIF = 0xE0;
    private static final int EXIF = 0xE1;
    private static final int ADOBE = 0xEE;

    static boolean matches(byte[] content) {
        return content.length >= 3
                && (content[0] & 0xFF) == 0xFF
                && (content[1] & 0xFF) == START
                && (content[2] & 0xFF) == 0xFF;
    }

    static JpegFile open(byte[] content, long pixels) throws UnusablePayloadException {
        int frameAt = 0;
        int scans = 0;
        boolean jfif = false;
        int adobeTransform = -1;
        int orientation = 1;
        Segment segment = new Segment(content, START, 0, 2);
        while (segment.marker != END) {
            segment = segment.next();
            if (isFrame(segment.marker)) {
                if (frameAt > 0) {
                    throw ImageFile.invalid(
                            "Cannot decode JPEG: it has a second frame at byte %d".formatted(segment.at));
                }
                checkFrame(segment, pixels);
                frameAt = segment.at;
            } else if (segment.marker == SCAN) {
                scans++;
                if (frameAt == 0 || scans > MOST_SCANS) {
                    throw ImageFile.invalid(
                            frameAt == 0
                                    ? "Cannot decode JPEG: its data starts before its frame header"
                                    : "Cannot decode JPEG: it has more than %d scans".formatted(MOST_SCANS));
                }
            } else if (segment.marker == JFIF) {
                jfif |= segment.startsWith("JFIF\0");
            } else if (segment.marker == ADOBE && segment.startsWith("Adobe") && segment.length() >= 12) {
                adobeTransform = content[segment.at + 15] & 0xFF;
            } else if (segment.marker == EXIF && segment.startsWith("Exif\0\0")) {
                orientation = ExifOrientation.of(content, segment.at + 10, segment.end);
            }
        }
        if (scans == 0) {
            throw ImageFile.invalid("Cannot decode JPEG: it has no image data");
        }
        return new JpegFile(
                content,
                unsignedShort(content, frameAt + 7),
                unsignedShort(content, frameAt + 5),
                colours(content, frameAt, jfif, adobeTransform),
                orientation);
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != HUFFMAN_TABLES && marker != 0xC8 && marker != 0xCC;
    }

    private static void checkFrame(Segment frame, long pixels) throws UnusablePayloadException {
        if (frame.marker > 0xC2) {
            String coding =
                    switch (frame.marker) {
                        case 0xC3 -> "lossless";
                        case 0xC5, 0xC6, 0xC7 -> "hierarchical";
                        default -> "arithmetic";
                    };
            throw ImageFile.invalid(
                    "Cannot decode JPEG: its coding is %s; baseline and progressive are supported".formatted(coding));
        }
        byte[] content = frame.content;
        int components = frame.length() < 6 ? 0 : content[frame.at + 9] & 0xFF;
        if (frame.length() < 6 || frame.length() != 6 + 3 * components) {
            throw ImageFile.invalid("Cannot decode JPEG: its frame header has %d bytes for %d components"
                    .formatted(frame.length(), components));
        }
        ImageFile.checkSize("JPEG", unsignedShort(content, frame.at + 7), unsignedShort(content, frame.at + 5), pixels);
        int bits = content[frame.at + 4] & 0xFF;
        if (bits != 8 || (components != 1 && components != 3 && components != 4)) {
            throw ImageFile.invalid("Cannot decode JPEG: it has %d components of %d bits; 1, 3 or 4 of 8 are supported"
                    .formatted(components, bits));
        }
    }

    private static Colours colours(byte[] content, int frameAt, boolean jfif, int adobeTransform) {
        int components = content[frameAt + 9];
        if (components == 1) {
            return Colours.GREY;
        }
        if (components == 4) {
            if (adobeTransform < 0) {
                return Colours.CMYK;
            }
            return adobeTransform == 0 ? Colours.INVERTED_CMYK : Colours.INVERTED_YCCK;
        }
        boolean namedRgb = content[frameAt + 10] == 'R' && content[frameAt + 13] == 'G' && content[frameAt + 16] == 'B';
        boolean rgb = !jfif && (adobeTransform < 0 ? namedRgb : adobeTransform == 0);
        return rgb ? Colours.RGB : Colours.YCBCR;
    }

    @Override
    public Pixels decode() throws UnusablePayloadException {
        return JpegDecoder.decode(this);
    }

    /**
     * The same image with nothing that is not needed for its pixels: no profile, thumbnail or comment, and one marker
     * that leaves no guess about colours.
     */
    byte[] stripped() throws UnusablePayloadException {
        ByteArrayOutputStream stripped = new ByteArrayOutputStream(content.length + 32);
        stripped.writeBytes(new byte[] {(byte) 0xFF, (byte) START});
        switch (colours) {
            case GREY, YCBCR -> {
                stripped.writeBytes(new byte[] {(byte) 0xFF, (byte) JFIF, 0, 16});
                stripped.writeBytes("JFIF\0\1\1\0\0\1\0\1\0\0".getBytes(ISO_8859_1));
            }
            case RGB, INVERTED_CMYK -> writeAdobe(stripped, 0);
            case INVERTED_YCCK -> writeAdobe(stripped, 2);
            case CMYK -> {}
        }
        Segment segment = new Segment(content, START, 0, 2);
        while (segment.marker != END) {
            segment = segment.next();
            if (isFrame(segment.marker)
                    || segment.marker == HUFFMAN_TABLES
                    || segment.marker == QUANTISATION_TABLES
                    || segment.marker == RESTART_INTERVAL
                    || segment.marker == SCAN
                    || segment.marker == END) {
                stripped.write(content, segment.at, segment.end - segment.at);
            }
        }
        return stripped.toByteArray();
    }

    private static void writeAdobe(ByteArrayOutputStream into, int transform) {
        into.writeBytes(new byte[] {(byte) 0xFF, (byte) ADOBE, 0, 14});
        into.writeBytes("Adobe\0d\0\0\0\0".getBytes(ISO_8859_1));
        into.write(transform);
    }

    private static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    /**
     * A marker and what belongs to it, coded data included.
     *
     * @param at where the marker's 0xFF is
     */
    @SuppressWarnings("ArrayRecordComponent") // A view of one payload, which is not copied.
    private record Segment(byte[] content, int marker, int at, int end) {
        /** Without the marker and the length itself. */
        int length() {
            return unsignedShort(content, at + 2) - 2;
        }

        boolean startsWith(String text) {
            byte[] bytes = text.getBytes(ISO_8859_1);
            return length() >= bytes.length
                    && Arrays.equals(content, at + 4, at + 4 + bytes.length, bytes, 0, bytes.length);
        }

        /** Steps over stray and filling bytes to the next marker, as libjpeg does. */
        Segment next() throws UnusablePayloadException {
            int marked = end;
            while (marked + 1 < content.length && !isMarker(marked)) {
                marked++;
            }
            if (marked + 1 >= content.length) {
                throw endsEarly();
            }
            int found = content[marked + 1] & 0xFF;
            if (found == END) {
                return new Segment(content, found, marked, marked + 2);
            }
            if (found == START) {
                throw ImageFile.invalid(
                        "Cannot decode JPEG: a second image starts inside it at byte %d".formatted(marked));
            }
            if (marked + 4 > content.length) {
                throw endsEarly();
            }
            int length = unsignedShort(content, marked + 2);
            int segmentEnd = marked + 2 + length;
            if (length < 2 || segmentEnd > content.length) {
                throw ImageFile.invalid("Cannot decode JPEG: segment %02x at byte %d claims %d bytes, %d are left"
                        .formatted(found, marked, length, content.length - marked - 2));
            }
            return new Segment(content, found, marked, found == SCAN ? endOfData(segmentEnd) : segmentEnd);
        }

        /** 0xFF before 0 is data, before a restart marker part of the scan, and before 0xFF or 1 filling. */
        private boolean isMarker(int index) {
            int second = content[index + 1] & 0xFF;
            return (content[index] & 0xFF) == 0xFF
                    && second > 0x01
                    && second != 0xFF
                    && (second < 0xD0 || second > 0xD7);
        }

        private int endOfData(int start) throws UnusablePayloadException {
            int index = start;
            while (index + 1 < content.length) {
                if (isMarker(index)) {
                    return index;
                }
                index++;
            }
            throw endsEarly();
        }

        private UnusablePayloadException endsEarly() {
            return ImageFile.invalid(
                    "Cannot decode JPEG: it ends at byte %d, before its end marker".formatted(content.length));
        }
    }
}
