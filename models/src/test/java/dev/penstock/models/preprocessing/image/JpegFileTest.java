package dev.penstock.models.preprocessing.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JpegFileTest {
    private static final BufferedImage COLOURS = Encoded.picture(45, 31, BufferedImage.TYPE_3BYTE_BGR);
    private static final BufferedImage GREYS = Encoded.picture(45, 31, BufferedImage.TYPE_BYTE_GRAY);
    private static final byte[] BASELINE = Encoded.baseline(COLOURS, "jpeg");

    private enum Coding {
        BASELINE,
        PROGRESSIVE;

        byte[] encode(BufferedImage image) {
            return this == BASELINE ? Encoded.baseline(image, "jpeg") : Encoded.progressive(image, "jpeg");
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsColoursAsTheJdkDoes(Coding coding) throws Exception {
        byte[] file = coding.encode(COLOURS);

        Pixels pixels = decoded(file);

        BufferedImage expected = ImageIO.read(new ByteArrayInputStream(file));
        assertThat(pixels.channels()).isEqualTo(3);
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                assertThat(rgb(pixels, x, y)).as("pixel %d, %d", x, y).isEqualTo(expected.getRGB(x, y) & 0xFFFFFF);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsGreysAsOneChannel(Coding coding) throws Exception {
        byte[] file = coding.encode(GREYS);

        Pixels pixels = decoded(file);

        BufferedImage expected = ImageIO.read(new ByteArrayInputStream(file));
        assertThat(pixels.channels()).isEqualTo(1);
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                assertThat(pixels.value(x, y, 0)).isEqualTo(expected.getRaster().getSample(x, y, 0));
            }
        }
    }

    /** Half cyan lets half of the red light through; yellow under a quarter of black, three quarters of red and green. */
    @Test
    void readsTheInksOfAdobeFiles() throws Exception {
        Pixels pixels = decoded(resource("adobe-cmyk.jpg"));

        assertThat(pixels.channels()).isEqualTo(3);
        assertClose(rgb(pixels, 2, 2), 0x7FFFFF);
        assertClose(rgb(pixels, 12, 4), 0xBFBF00);
    }

    /** The same bytes, declared as luma and colour differences: T.871's formula tells what they then are. */
    @Test
    void readsInksThatAreCodedAsLumaAndColourDifferences() throws Exception {
        byte[] file = resource("adobe-cmyk.jpg");
        int adobe = indexOf(file, "Adobe");
        file[adobe + 11] = 2;

        Pixels pixels = decoded(file);

        // Left: stored 127, 255, 255, 255 as Y, Cb, Cr, K.
        double cyan = 255 - clamp(127 + 1.402 * 127);
        double magenta = 255 - clamp(127 - 0.344136 * 127 - 0.714136 * 127);
        double yellow = 255 - clamp(127 + 1.772 * 127);
        assertClose(rgb(pixels, 2, 2), (int) cyan << 16 | (int) magenta << 8 | (int) yellow);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 45, 0, 0",
        "2, 45, 44, 0",
        "3, 45, 44, 30",
        "4, 45, 0, 30",
        "5, 31, 0, 0",
        "6, 31, 0, 30",
        "7, 31, 44, 30",
        "8, 31, 44, 0"
    })
    void turnsImagesAsTheCameraWasHeld(int orientation, int width, int cornerX, int cornerY) throws Exception {
        Pixels upright = decoded(BASELINE);

        Pixels turned = decoded(withSegment(BASELINE, 0xE1, exif(orientation, ByteOrder.LITTLE_ENDIAN)));

        assertThat(turned.width()).isEqualTo(width);
        assertThat(turned.height()).isEqualTo(45 + 31 - width);
        assertThat(rgb(turned, 0, 0)).isEqualTo(rgb(upright, cornerX, cornerY));
        // One step down in a turned image is one across in the original.
        boolean sideways = orientation > 4;
        int right = rgb(turned, 1, 0);
        int expected =
                sideways ? rgb(upright, cornerX, cornerY == 0 ? 1 : 29) : rgb(upright, cornerX == 0 ? 1 : 43, cornerY);
        assertThat(right).isEqualTo(expected);
    }

    @Test
    void readsOrientationInEitherByteOrder() throws Exception {
        Pixels turned = decoded(withSegment(BASELINE, 0xE1, exif(6, ByteOrder.BIG_ENDIAN)));

        assertThat(turned.width()).isEqualTo(31);
    }

    @Test
    void takesImagesWithOddExifAsTheyAre() throws Exception {
        byte[] exif = exif(6, ByteOrder.LITTLE_ENDIAN);
        for (int length = 0; length < exif.length; length++) {
            byte[] cut = withSegment(BASELINE, 0xE1, Arrays.copyOf(exif, length));

            assertThat(decoded(cut).height()).isIn(31, 45);
        }
        exif[10] = (byte) 0xFF; // a directory that starts four gigabytes further on
        exif[13] = (byte) 0xFF;
        assertThat(decoded(withSegment(BASELINE, 0xE1, exif)).height()).isEqualTo(31);
    }

    @Test
    void ignoresProfilesCommentsAndThumbnails() throws Exception {
        byte[] file = BASELINE;
        for (int marker : new int[] {0xE2, 0xFE, 0xED, 0xE0}) {
            byte[] junk = new byte[60_000];
            System.arraycopy("ICC_PROFILE\0\1\1".getBytes(ISO_8859_1), 0, junk, 0, 14);
            file = withSegment(file, marker, junk);
        }

        assertThat(rgb(decoded(file), 5, 5)).isEqualTo(rgb(decoded(BASELINE), 5, 5));
    }

    @ParameterizedTest
    @EnumSource
    void refusesEveryTruncation(Coding coding) {
        byte[] file = coding.encode(COLOURS);

        for (int length = 3; length < file.length; length++) {
            assertInvalid(Arrays.copyOf(file, length));
        }
    }

    @Test
    void refusesDataThatEndsEarlyThoughTheEndMarkerIsThere() {
        byte[] half = Arrays.copyOf(BASELINE, BASELINE.length - 200);
        half[half.length - 2] = (byte) 0xFF;
        half[half.length - 1] = (byte) 0xD9;

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(half))
                .withMessageContaining("premature end of data");
    }

    @Test
    void refusesHugeImagesFromTheHeaderAlone() {
        byte[] file = BASELINE.clone();
        int frame = indexOf(file, "\u00ff\u00c0");
        for (int index = frame + 5; index < frame + 9; index++) {
            file[index] = (byte) 0xEA;
        }

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(file, "", 25_000_000))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.IMAGE_TOO_LARGE))
                .withMessageContaining("60138 × 60138");
    }

    @ParameterizedTest
    @CsvSource({"195, lossless", "197, hierarchical", "201, arithmetic"})
    void refusesOtherCodingsByName(int marker, String coding) {
        byte[] file = BASELINE.clone();
        file[indexOf(file, "\u00ff\u00c0") + 1] = (byte) marker;

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("its coding is " + coding);
    }

    @Test
    void refusesTwelveBits() {
        byte[] file = BASELINE.clone();
        file[indexOf(file, "\u00ff\u00c0") + 4] = 12;

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("it has 3 components of 12 bits");
    }

    @Test
    void refusesMoreScansThanAnyEncoderWrites() {
        byte[] file = Encoded.progressive(COLOURS, "jpeg");
        int scan = indexOf(file, "\u00ff\u00da");
        byte[] repeated = Arrays.copyOfRange(file, scan, scan + 40);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(file, 0, scan);
        for (int count = 0; count < 1_000; count++) {
            many.writeBytes(repeated);
        }

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(many.toByteArray()))
                .withMessageContaining("it has more than 32 scans");
    }

    private static byte[] exif(int orientation, ByteOrder order) {
        ByteBuffer exif = ByteBuffer.allocate(6 + 8 + 2 + 12 + 4).put("Exif\0\0".getBytes(ISO_8859_1));
        exif.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(ISO_8859_1));
        exif.order(order).putShort((short) 42).putInt(8).putShort((short) 1);
        exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
        return exif.array();
    }

    private static byte[] withSegment(byte[] file, int marker, byte[] content) {
        return ByteBuffer.allocate(file.length + 4 + content.length)
                .put(file, 0, 2)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (content.length + 2))
                .put(content)
                .put(file, 2, file.length - 2)
                .array();
    }

    private static int indexOf(byte[] file, String bytes) {
        return new String(file, ISO_8859_1).indexOf(bytes);
    }

    private static byte[] resource(String name) throws Exception {
        try (InputStream in = JpegFileTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }

    private static Pixels decoded(byte[] file) throws UnusablePayloadException {
        return ImageFile.open(file, "", 1_000_000).decode();
    }

    private static void assertInvalid(byte[] file) {
        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_IMAGE));
    }

    private static double clamp(double value) {
        return Math.max(0, Math.min(255, value));
    }

    private static int rgb(Pixels pixels, int x, int y) {
        return pixels.value(x, y, 0) << 16 | pixels.value(x, y, 1) << 8 | pixels.value(x, y, 2);
    }

    private static void assertClose(int found, int expected) {
        for (int shift = 0; shift < 24; shift += 8) {
            assertThat((found >> shift & 0xFF) - (expected >> shift & 0xFF))
                    .as("%06x instead of %06x", found, expected)
                    .isBetween(-3, 3);
        }
    }
}
