package dev.penstock.models.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.preprocessing.audio.WaveBytes;
import dev.penstock.models.preprocessing.audio.WaveFile;
import dev.penstock.models.preprocessing.audio.WaveformReader;
import dev.penstock.models.preprocessing.image.Encoded;
import dev.penstock.models.preprocessing.image.ImageFile;
import dev.penstock.models.preprocessing.image.ImageScaler;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damages real files by chance, thousands of times, always by the same chance: whatever comes of it is an image, a clip
 * or a refusal, within what the limits allow in time and memory. Here nothing guards the decoders.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileFilesTest {
    private static final long PIXELS = 100_000;
    private static final double SECONDS = 2;

    private interface Decoder {
        void decode(byte[] file) throws UnusablePayloadException;
    }

    @Test
    void pngFilesNeverDoMoreThanBeRefused() {
        List<byte[]> files = new ArrayList<>();
        for (int type :
                new int[] {BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_BYTE_INDEXED, BufferedImage.TYPE_USHORT_GRAY
                }) {
            files.add(Encoded.baseline(Encoded.picture(40, 30, type), "png"));
            files.add(Encoded.progressive(Encoded.picture(40, 30, type), "png"));
        }

        attack(files, 6_000, 1, HostileFilesTest::decodeImage);
        // With checksums that are right again, so that damage gets further than the first chunk.
        attack(files, 6_000, 2, file -> decodeImage(withRightChecksums(file)));
    }

    @Test
    void jpegFilesNeverDoMoreThanBeRefused() {
        List<byte[]> files = new ArrayList<>();
        for (int type : new int[] {BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_BYTE_GRAY}) {
            files.add(Encoded.baseline(Encoded.picture(40, 30, type), "jpeg"));
            files.add(Encoded.progressive(Encoded.picture(40, 30, type), "jpeg"));
        }

        attack(files, 6_000, 3, HostileFilesTest::decodeImage);
    }

    @Test
    void gifAndBmpFilesNeverDoMoreThanBeRefused() {
        List<byte[]> files = new ArrayList<>();
        for (String format : new String[] {"gif", "bmp"}) {
            files.add(Encoded.baseline(Encoded.picture(40, 30, BufferedImage.TYPE_BYTE_INDEXED), format));
            files.add(Encoded.baseline(Encoded.picture(40, 30, BufferedImage.TYPE_3BYTE_BGR), format));
        }

        attack(files, 12_000, 4, HostileFilesTest::decodeImage);
    }

    @Test
    void waveFilesNeverDoMoreThanBeRefused() {
        List<byte[]> files = List.of(
                WaveBytes.tone(8_000, 440, 400),
                WaveBytes.tone(44_100, 440, 400),
                new WaveBytes()
                        .format(7, 1, 8_000, 8)
                        .chunk("data", new byte[300])
                        .riff(),
                new WaveBytes()
                        .chunk("LIST", new byte[7])
                        .extensible(3, 2, 48_000, 32)
                        .chunk("data", new byte[800])
                        .riff());

        attack(files, 6_000, 5, HostileFilesTest::decodeClip);
    }

    private static void attack(List<byte[]> files, int times, long seed, Decoder decoder) {
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        long allocatedBefore = allocated();
        for (int time = 0; time < times; time++) {
            byte[] file = damaged(files.get(random.nextInt(files.size())), random);
            try {
                decoder.decode(file);
            } catch (UnusablePayloadException e) {
                assertThat(e.reason()).as("attack %d", time).startsWith("Cannot decode ");
                refused++;
            }
        }
        assertThat(refused).as("refused of %d", times).isBetween(times / 10, times);
        // At the limits of pixels and seconds a file may cost a few megabytes; the mean is far below.
        assertThat((allocated() - allocatedBefore) / times).as("bytes a file").isLessThan(2_000_000);
    }

    private static byte[] damaged(byte[] original, SplittableRandom random) {
        byte[] file = original.clone();
        switch (random.nextInt(5)) {
            case 0 -> file = Arrays.copyOf(file, random.nextInt(file.length));
            case 1 -> {
                int from = random.nextInt(file.length);
                System.arraycopy(file, from, file, random.nextInt(from + 1), file.length - from);
            }
            case 2 -> {
                // Lengths and sizes lie near the start.
                int at = random.nextInt(Math.min(64, file.length - 4));
                byte extreme = (byte) (random.nextBoolean() ? 0xFF : 0);
                Arrays.fill(file, at, at + 1 + random.nextInt(4), extreme);
            }
            case 3 -> {
                for (int count = 1 + random.nextInt(20); count > 0; count--) {
                    file[random.nextInt(file.length)] = (byte) random.nextInt();
                }
            }
            default -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return file;
    }

    private static byte[] withRightChecksums(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int at = 8;
        while (at + 12 <= file.length) {
            int length = bytes.getInt(at);
            if (length < 0 || length > file.length - at - 12) {
                break;
            }
            CRC32 crc = new CRC32();
            crc.update(file, at + 4, length + 4);
            bytes.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
        return file;
    }

    private static void decodeImage(byte[] file) throws UnusablePayloadException {
        float[] row = new ImageScaler(Cards.image("image", 8, 8, 3))
                .row(ImageFile.open(file, "", PIXELS).decode());

        assertThat(row).hasSize(8 * 8 * 3);
    }

    private static void decodeClip(byte[] file) throws UnusablePayloadException {
        float[] row = new WaveformReader(new Waveform("wave", 16_000, 0, NumberType.FLOAT32))
                .row(WaveFile.open(file, "", SECONDS));

        assertThat(row.length).isBetween(1, 32_001);
    }

    /** Heap bytes that this thread has ever asked for. */
    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
