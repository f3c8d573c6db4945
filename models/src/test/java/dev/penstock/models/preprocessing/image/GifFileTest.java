package dev.penstock.models.preprocessing.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class GifFileTest {
    private static final byte[] PICTURE =
            Encoded.baseline(Encoded.picture(61, 43, BufferedImage.TYPE_BYTE_INDEXED), "gif");

    @Test
    void readsColoursAsTheJdkDoes() throws Exception {
        assertSame(PICTURE);
        assertSame(Encoded.progressive(Encoded.picture(61, 43, BufferedImage.TYPE_BYTE_INDEXED), "gif"));
        assertSame(Encoded.baseline(Encoded.picture(600, 400, BufferedImage.TYPE_BYTE_INDEXED), "gif"));
        assertSame(Encoded.baseline(Encoded.picture(9, 9, BufferedImage.TYPE_BYTE_BINARY), "gif"));
    }

    private static void assertSame(byte[] file) throws Exception {
        Pixels pixels = decoded(file);

        BufferedImage expected = ImageIO.read(new ByteArrayInputStream(file));
        for (int y = 0; y < expected.getHeight(); y++) {
            for (int x = 0; x < expected.getWidth(); x++) {
                int rgb = pixels.value(x, y, 0) << 16 | pixels.value(x, y, 1) << 8 | pixels.value(x, y, 2);
                assertThat(rgb).as("pixel %d, %d", x, y).isEqualTo(expected.getRGB(x, y) & 0xFFFFFF);
            }
        }
    }

    @Test
    void readsTheFirstFrameOnACanvasThatIsTransparentElsewhere() throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {'G', 'I', 'F', '8', '9', 'a', 3, 0, 2, 0, (byte) 0x80, 0, 0});
        file.writeBytes(new byte[] {10, 20, 30, 40, 50, 60});
        // Colour 1 is left out of the next frame: two pixels at 1, 1, of colours 0 and 1, as codes of three bits.
        file.writeBytes(new byte[] {0x21, (byte) 0xF9, 4, 1, 0, 0, 1, 0});
        file.writeBytes(new byte[] {0x2C, 1, 0, 1, 0, 2, 0, 1, 0, 0, 2});
        file.writeBytes(new byte[] {2, (byte) 0b01_000_100, (byte) 0b1010, 0, 0x3B});

        Pixels pixels = decoded(file.toByteArray());

        assertThat(pixels.width()).isEqualTo(3);
        assertThat(pixels.channels()).isEqualTo(4);
        assertThat(pixels.value(0, 0, 3)).isZero();
        assertThat(pixels.value(1, 1, 3)).isEqualTo(255);
        assertThat(pixels.value(1, 1, 0)).isEqualTo(10);
        assertThat(pixels.value(2, 1, 3)).isZero();
    }

    @Test
    void refusesEveryTruncation() {
        for (int length = 6; length < PICTURE.length; length++) {
            byte[] cut = Arrays.copyOf(PICTURE, length);

            assertThatExceptionOfType(UnusablePayloadException.class)
                    .isThrownBy(() -> decoded(cut))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_IMAGE));
        }
    }

    @Test
    void refusesHugeImagesFromTheHeaderAlone() {
        byte[] file = Arrays.copyOf(PICTURE, 13);
        Arrays.fill(file, 6, 10, (byte) 0xEA);

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(file, "", 25_000_000))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.IMAGE_TOO_LARGE));
    }

    @Test
    void refusesFilesWithoutAFrame() {
        byte[] file = {'G', 'I', 'F', '8', '9', 'a', 3, 0, 2, 0, 0, 0, 0, 0x3B};

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessage("Cannot decode GIF: it has no frame");
    }

    private static Pixels decoded(byte[] file) throws UnusablePayloadException {
        return ImageFile.open(file, "", 1_000_000).decode();
    }
}
