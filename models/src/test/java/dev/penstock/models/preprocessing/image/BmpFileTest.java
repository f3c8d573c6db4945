package dev.penstock.models.preprocessing.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BmpFileTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_BYTE_INDEXED,
                BufferedImage.TYPE_BYTE_BINARY,
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_USHORT_565_RGB,
                BufferedImage.TYPE_USHORT_555_RGB
            })
    void readsWhatTheJdkWrites(int type) throws Exception {
        BufferedImage picture = Encoded.picture(23, 17, type);

        Pixels pixels = decoded(Encoded.baseline(picture, "bmp"));

        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int expected = type == BufferedImage.TYPE_BYTE_GRAY
                        ? picture.getRaster().getSample(x, y, 0) * 0x010101
                        : picture.getRGB(x, y) & 0xFFFFFF;
                assertThat(Integer.toHexString(rgb(pixels, x, y)))
                        .as("pixel %d, %d", x, y)
                        .isEqualTo(Integer.toHexString(expected));
            }
        }
    }

    @Test
    void readsRowsFromTheTopWhereTheHeightIsNegative() throws Exception {
        byte[] upright = file(1, -2, 24, 0, new byte[] {1, 2, 3, 0, 4, 5, 6, 0});
        byte[] usual = file(1, 2, 24, 0, new byte[] {1, 2, 3, 0, 4, 5, 6, 0});

        assertThat(rgb(decoded(upright), 0, 0)).isEqualTo(0x030201);
        assertThat(rgb(decoded(usual), 0, 0)).isEqualTo(0x060504);
    }

    @Test
    void readsRunsColoursAsTheyAreAndJumps() throws Exception {
        // Row 0: 3 of colour 1; row 1: jump over one column, then colours 2 and 1 as they are, a byte each.
        byte[] runs = {3, 1, 0, 0, 0, 2, 1, 0, 0, 3, 2, 1, 2, 0, 0, 1};
        byte[] file = file(4, 2, 8, 1, runs);

        Pixels pixels = decoded(file);

        assertThat(row(pixels, 1)).containsExactly(1, 1, 1, 0);
        assertThat(row(pixels, 0)).containsExactly(0, 2, 1, 2);
    }

    @Test
    void readsRunsOfHalfBytes() throws Exception {
        // Five pixels, alternately 1 and 2; then three as they are: 2, 2, 1.
        byte[] runs = {5, 0x12, 0, 3, 0x22, 0x10, 0, 1};
        byte[] file = file(8, 1, 4, 2, runs);

        assertThat(row(decoded(file), 0)).containsExactly(1, 2, 1, 2, 1, 2, 2, 1);
    }

    @Test
    void refusesRunsThatLeaveTheImageOrDoNotEnd() {
        for (byte[] runs : new byte[][] {{5, 1, 0, 1}, {0, 2, 0, 9, 1, 1, 0, 1}, {4, 1}, {0, 9, 1}}) {
            assertThatExceptionOfType(UnusablePayloadException.class)
                    .isThrownBy(() -> decoded(file(4, 2, 8, 1, runs)))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_IMAGE));
        }
    }

    @Test
    void refusesEveryTruncation() {
        byte[] file = Encoded.baseline(Encoded.picture(9, 7, BufferedImage.TYPE_3BYTE_BGR), "bmp");

        for (int length = 2; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);

            assertThatExceptionOfType(UnusablePayloadException.class).isThrownBy(() -> decoded(cut));
        }
    }

    @Test
    void refusesOtherEncodingsByName() {
        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file(4, 4, 24, 4, new byte[64])))
                .withMessage("Cannot decode BMP: there is no support for JPEG inside BMP");
    }

    @Test
    void refusesHugeImagesFromTheHeaderAlone() {
        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(file(60_000, -60_000, 8, 1, new byte[4]), "", 25_000_000))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.IMAGE_TOO_LARGE));
    }

    /** With a palette of three colours up to 8 bits, each with its number as red. */
    private static byte[] file(int width, int height, int bits, int compression, byte[] data) {
        int palette = bits <= 8 ? 3 : 0;
        int dataAt = 54 + 4 * palette;
        ByteBuffer file = ByteBuffer.allocate(dataAt + data.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(dataAt);
        file.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) bits);
        file.putInt(compression)
                .putInt(data.length)
                .putInt(0)
                .putInt(0)
                .putInt(palette)
                .putInt(0);
        for (int colour = 0; colour < palette; colour++) {
            file.putInt(colour << 16);
        }
        return file.put(data).array();
    }

    private static Pixels decoded(byte[] file) throws UnusablePayloadException {
        return ImageFile.open(file, "", 1_000_000).decode();
    }

    private static int rgb(Pixels pixels, int x, int y) {
        return pixels.value(x, y, 0) << 16 | pixels.value(x, y, 1) << 8 | pixels.value(x, y, 2);
    }

    private static int[] row(Pixels pixels, int y) {
        int[] reds = new int[pixels.width()];
        for (int x = 0; x < reds.length; x++) {
            reds[x] = pixels.value(x, y, 0);
        }
        return reds;
    }
}
