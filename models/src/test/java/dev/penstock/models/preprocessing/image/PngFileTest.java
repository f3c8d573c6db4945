package dev.penstock.models.preprocessing.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PngFileTest {
    private static final long MEGAPIXEL = 1_000_000;

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_4BYTE_ABGR})
    void readsColoursWithAndWithoutOpacityAsTheyWereWritten(int type) throws Exception {
        BufferedImage picture = Encoded.picture(37, 23, type);

        assertSame(decoded(Encoded.baseline(picture, "png")), picture);
        assertSame(decoded(Encoded.progressive(picture, "png")), picture);
    }

    @ParameterizedTest
    @CsvSource({"400, 300", "15000, 3", "1, 900"})
    void readsWhatIsMoreThanIsUnpackedAtOnce(int width, int height) throws Exception {
        BufferedImage picture = Encoded.picture(width, height, BufferedImage.TYPE_3BYTE_BGR);

        assertSame(decoded(Encoded.baseline(picture, "png")), picture);
        assertSame(decoded(Encoded.progressive(picture, "png")), picture);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "4, 16", "8, 200"})
    void readsPalettesOfEveryDepth(int bits, int colours) throws Exception {
        byte[] reds = new byte[colours];
        byte[] alphas = new byte[colours];
        for (int colour = 0; colour < colours; colour++) {
            reds[colour] = (byte) (colour * 255 / (colours - 1));
            alphas[colour] = (byte) (255 - colour);
        }
        IndexColorModel opaque = new IndexColorModel(bits, colours, reds, reds, alphas);
        IndexColorModel transparent = new IndexColorModel(bits, colours, reds, reds, reds, alphas);

        for (IndexColorModel model : List.of(opaque, transparent)) {
            BufferedImage picture = new BufferedImage(
                    19, 11, bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY, model);
            for (int pixel = 0; pixel < 19 * 11; pixel++) {
                picture.getRaster().setSample(pixel % 19, pixel / 19, 0, pixel * 7 % colours);
            }
            assertSame(decoded(Encoded.baseline(picture, "png")), picture);
            assertSame(decoded(Encoded.progressive(picture, "png")), picture);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 16})
    void readsGreysOfEveryDepthAsTheWholeRange(int bits) throws Exception {
        int largest = (1 << bits) - 1;
        int width = 8;
        ByteBuffer row = ByteBuffer.allocate(1 + width * bits / 8).put((byte) 0);
        long packed = 0;
        for (int x = 0; x < width; x++) {
            long sample = (long) x * largest / (width - 1);
            if (bits == 16) {
                row.putShort((short) sample);
            } else {
                packed = packed << bits | sample;
            }
        }
        for (int shift = bits - 1; bits < 16 && shift >= 0; shift--) {
            row.put((byte) (packed >> (8 * shift)));
        }

        Pixels pixels = decoded(PngBytes.of(width, 1, bits, 0, row.array()));

        assertThat(pixels.channels()).isEqualTo(1);
        for (int x = 0; x < width; x++) {
            double share = Math.floor((double) x * largest / (width - 1)) / largest;
            assertThat(pixels.value(x, 0, 0)).isCloseTo((int) Math.round(255 * share), within(1));
        }
        assertThat(pixels.value(7, 0, 0)).isEqualTo(255);
    }

    @Test
    void readsSixteenBitsAChannelRounded() throws Exception {
        ByteBuffer row = ByteBuffer.allocate(1 + 8)
                .put((byte) 0)
                .putShort((short) 0)
                .putShort((short) 0x80FF)
                .putShort((short) 0xFFFF)
                .putShort((short) 0x0101);

        Pixels pixels = decoded(PngBytes.of(1, 1, 16, 6, row.array()));

        assertThat(channels(pixels, 0, 0)).containsExactly(0, 128, 255, 1);
    }

    @Test
    void makesTheTransparentColourTransparentAndNoOther() throws Exception {
        byte[] row = {0, 10, 20, 30, 10, 20, 31};

        Pixels pixels = decoded(new PngBytes()
                .header(2, 1, 8, 2, 0)
                .chunk("tRNS", (byte) 0, (byte) 10, (byte) 0, (byte) 20, (byte) 0, (byte) 30)
                .data(row)
                .end());

        assertThat(channels(pixels, 0, 0)).containsExactly(10, 20, 30, 0);
        assertThat(channels(pixels, 1, 0)).containsExactly(10, 20, 31, 255);
    }

    @Test
    void makesTheTransparentGreyTransparent() throws Exception {
        Pixels pixels = decoded(new PngBytes()
                .header(2, 1, 8, 0, 0)
                .chunk("tRNS", (byte) 0, (byte) 7)
                .data(new byte[] {0, 7, 8})
                .end());

        assertThat(channels(pixels, 0, 0)).containsExactly(7, 7, 7, 0);
        assertThat(channels(pixels, 1, 0)).containsExactly(8, 8, 8, 255);
    }

    @Test
    void readsDataInAnyNumberOfChunks() throws Exception {
        byte[] deflated = PngBytes.deflated(new byte[] {0, 1, 2, 3, 0, 4, 5, 6});
        PngBytes file = new PngBytes().header(3, 2, 8, 0, 0);
        for (byte single : deflated) {
            file.chunk("IDAT", single).raw();
        }

        Pixels pixels = decoded(file.end());

        assertThat(pixels.value(2, 1, 0)).isEqualTo(6);
    }

    @Test
    void refusesHugeImagesFromTheHeaderAlone() {
        byte[] bomb = new PngBytes().header(60_000, 60_000, 8, 6, 0).withoutEnd();

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(bomb, "", 25_000_000))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.IMAGE_TOO_LARGE))
                .withMessageContaining("60000 × 60000 = 3600000000 pixels, allowed are 25000000");
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "5, 0", "-1, 1", "70000, 1"})
    void refusesSizesThatNoImageHas(int width, int height) {
        byte[] file = PngBytes.of(width, height, 8, 0, new byte[8]);

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(file, "", 25_000_000));
    }

    @Test
    void refusesEveryTruncation() {
        byte[] file = Encoded.baseline(Encoded.picture(40, 30, BufferedImage.TYPE_3BYTE_BGR), "png");

        for (int length = 8; length < file.length; length++) {
            assertInvalid(Arrays.copyOf(file, length));
        }
    }

    @Test
    void refusesEveryDamagedByte() {
        byte[] file = Encoded.baseline(Encoded.picture(20, 10, BufferedImage.TYPE_3BYTE_BGR), "png");

        for (int index = 8; index < file.length; index++) {
            byte[] damaged = file.clone();
            damaged[index] ^= 0x10;
            assertInvalid(damaged);
        }
    }

    @Test
    void namesTheChunkWhoseContentIsDamaged() {
        byte[] file = PngBytes.of(1, 1, 8, 0, new byte[2]);
        file[45] ^= 1;

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("chunk 'IDAT' at byte 33 is damaged: its CRC is");
    }

    @Test
    void refusesDataThatUnpacksToLessThanTheHeaderSays() {
        byte[] file = PngBytes.of(100, 100, 8, 0, new byte[500]);

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("its pixel data ends early, for 100 × 100 pixels");
    }

    @Test
    void unpacksNoMoreThanTheHeaderSays() throws Exception {
        byte[] hundredMegabytes = new byte[100_000_000];

        Pixels pixels = decoded(PngBytes.of(1, 1, 8, 0, hundredMegabytes));

        assertThat(pixels.width()).isEqualTo(1);
    }

    @Test
    void stepsOverTextAndProfilesWithoutUnpackingThem() {
        byte[] bomb = PngBytes.deflated(new byte[50_000_000]);
        byte[] file = new PngBytes()
                .header(1, 1, 8, 0, 0)
                .chunk("zTXt", bomb)
                .chunk("iCCP", bomb)
                .chunk("iTXt", bomb)
                .data(new byte[2])
                .end();

        assertThatNoException().isThrownBy(() -> decoded(file));
    }

    @Test
    void refusesChunksThatClaimMoreThanThereIs() {
        byte[] file = new PngBytes()
                .header(1, 1, 8, 0, 0)
                .raw(ByteBuffer.allocate(12)
                        .putInt(0x7FFFFFFF)
                        .putInt(0x49444154)
                        .array())
                .withoutEnd();

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("chunk 'IDAT' at byte 33 claims 2147483647 bytes, 0 are left");
    }

    @Test
    void walksOverHundredsOfThousandsOfEmptyChunksInNoTime() {
        PngBytes file = new PngBytes().header(1, 1, 8, 0, 0);
        for (int chunk = 0; chunk < 300_000; chunk++) {
            file.chunk("teXt");
        }
        byte[] bytes = file.data(new byte[2]).end();

        assertTimeout(Duration.ofSeconds(10), () -> decoded(bytes));
    }

    @Test
    void refusesUnknownCriticalChunksByName() {
        byte[] file = new PngBytes()
                .chunk("CgBI", new byte[4])
                .header(1, 1, 8, 0, 0)
                .data(new byte[2])
                .end();

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("starts with chunk 'CgBI'");
    }

    @Test
    void refusesColoursThatThePaletteDoesNotHave() {
        byte[] file = new PngBytes()
                .header(1, 1, 8, 3, 0)
                .chunk("PLTE", new byte[6])
                .data(new byte[] {0, 2})
                .end();

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .withMessageContaining("a pixel has colour 2, the palette has 2");
    }

    private static Pixels decoded(byte[] file) throws UnusablePayloadException {
        return ImageFile.open(file, "", MEGAPIXEL).decode();
    }

    private static void assertInvalid(byte[] file) {
        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> decoded(file))
                .satisfies(
                        e -> assertThat(e.code()).isIn(DeadLetterCode.INVALID_IMAGE, DeadLetterCode.IMAGE_TOO_LARGE));
    }

    private static int[] channels(Pixels pixels, int x, int y) {
        int[] channels = new int[pixels.channels()];
        for (int channel = 0; channel < channels.length; channel++) {
            channels[channel] = pixels.value(x, y, channel);
        }
        return channels;
    }

    private static void assertSame(Pixels pixels, BufferedImage picture) {
        assertThat(pixels.width()).isEqualTo(picture.getWidth());
        assertThat(pixels.height()).isEqualTo(picture.getHeight());
        assertThat(pixels.channels()).isEqualTo(picture.getColorModel().hasAlpha() ? 4 : 3);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int argb = picture.getRGB(x, y);
                int alpha = pixels.channels() == 4 ? pixels.value(x, y, 3) : 255;
                int found =
                        alpha << 24 | pixels.value(x, y, 0) << 16 | pixels.value(x, y, 1) << 8 | pixels.value(x, y, 2);
                assertThat(Integer.toHexString(found)).as("pixel %d, %d", x, y).isEqualTo(Integer.toHexString(argb));
            }
        }
    }
}
