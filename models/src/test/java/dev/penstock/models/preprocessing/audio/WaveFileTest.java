package dev.penstock.models.preprocessing.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaveFileTest {
    private static final float[] EXPECTED = {0, 0.5f, -0.5f, -1};

    @Test
    void readsPcmOfEveryWidth() throws Exception {
        assertSamples(1, 8, (byte) 128, (byte) 192, (byte) 64, (byte) 0);
        assertSamples(1, 16, 0, 0, 0, 0x40, 0, 0xC0, 0, 0x80);
        assertSamples(1, 24, 0, 0, 0, 0, 0, 0x40, 0, 0, 0xC0, 0, 0, 0x80);
        assertSamples(1, 32, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0xC0, 0, 0, 0, 0x80);
    }

    @Test
    void readsFloatsOfBothWidthsAndCutsThemAtTheWholeRange() throws Exception {
        ByteBuffer single = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        single.putFloat(0).putFloat(0.5f).putFloat(-0.5f).putFloat(-1e30f);
        ByteBuffer twice = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        twice.putDouble(0).putDouble(0.5).putDouble(-0.5).putDouble(-7);

        assertThat(mono(new WaveBytes()
                        .format(3, 1, 8000, 32)
                        .chunk("data", single.array())
                        .riff()))
                .containsExactly(EXPECTED);
        assertThat(mono(new WaveBytes()
                        .format(3, 1, 8000, 64)
                        .chunk("data", twice.array())
                        .riff()))
                .containsExactly(EXPECTED);
    }

    @ParameterizedTest
    @CsvSource({"ALAW, 6", "ULAW, 7"})
    void readsTelephoneEncodingsAsTheJdkDoes(String name, int tag) throws Exception {
        byte[] codes = new byte[256];
        for (int code = 0; code < 256; code++) {
            codes[code] = (byte) code;
        }
        AudioFormat coded = new AudioFormat(new AudioFormat.Encoding(name), 8000, 8, 1, 1, 8000, false);
        AudioInputStream linear = AudioSystem.getAudioInputStream(
                new AudioFormat(8000, 16, 1, true, false),
                new AudioInputStream(new ByteArrayInputStream(codes), coded, 256));

        float[] samples = mono(
                new WaveBytes().format(tag, 1, 8000, 8).chunk("data", codes).riff());

        ByteBuffer expected = ByteBuffer.wrap(linear.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int code = 0; code < 256; code++) {
            assertThat(samples[code]).as("code %d", code).isEqualTo(expected.getShort(2 * code) / 32_768f);
        }
    }

    @Test
    void readsWhatTheJdkWrites() throws Exception {
        byte[] pcm = {0, 0, 0, 0x40, 0, (byte) 0xC0, 0, (byte) 0x80};
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        AudioInputStream stream =
                new AudioInputStream(new ByteArrayInputStream(pcm), new AudioFormat(44_100, 16, 1, true, false), 4);
        AudioSystem.write(stream, AudioFileFormat.Type.WAVE, file);

        assertThat(mono(file.toByteArray())).containsExactly(EXPECTED);
    }

    @Test
    void readsExtensibleFormats() throws Exception {
        byte[] file = new WaveBytes()
                .extensible(1, 1, 8000, 16)
                .chunk("data", bytes(0, 0, 0, 0x40, 0, 0xC0, 0, 0x80))
                .riff();

        assertThat(mono(file)).containsExactly(EXPECTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 8})
    void takesTheMeanOfTheChannels(int channels) throws Exception {
        byte[] frame = new byte[2 * channels];
        frame[1] = 0x40; // the first channel at one half, the others silent

        float[] samples = mono(new WaveBytes()
                .format(1, channels, 8000, 16)
                .chunk("data", frame)
                .riff());

        assertThat(samples).containsExactly(new float[] {0.5f / channels}, within(1e-6f));
    }

    @Test
    void stepsOverOtherChunksAndThePaddingOfOddOnes() throws Exception {
        byte[] file = new WaveBytes()
                .chunk("LIST", bytes(1, 2, 3))
                .format(1, 1, 8000, 8)
                .chunk("fact", bytes(9))
                .chunk("data", bytes(128, 192, 64))
                .chunk("id3 ", bytes(5))
                .riff();

        assertThat(mono(file)).containsExactly(0, 0.5f, -0.5f);
    }

    @Test
    void namesBothLengthsWhereTheDataIsShorterThanItClaims() {
        byte[] file = new WaveBytes()
                .format(1, 1, 8000, 16)
                .chunk("data", 1_000, bytes(0, 0, 0, 0))
                .riff();

        assertInvalid(file, "its 'data' chunk claims 1000 bytes, 4 are left");
    }

    @Test
    void namesBothLengthsWhereTheFileIsShorterThanItClaims() {
        byte[] file = Arrays.copyOf(WaveBytes.tone(8000, 440, 100), 200);

        assertInvalid(file, "its RIFF header claims 236 bytes, 192 follow it");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xFFFFFFFFL})
    void readsStreamedFilesToTheirEnd(long claimed) throws Exception {
        byte[] file = new WaveBytes()
                .format(1, 1, 8000, 16)
                .chunk("data", claimed, bytes(0, 0, 0, 0x40, 0, 0xC0, 0, 0x80))
                .riff(claimed);

        assertThat(mono(file)).containsExactly(EXPECTED);
    }

    @Test
    void doesNotTakeAStreamedDataLengthInAFileThatKnowsItsOwn() {
        byte[] file = new WaveBytes()
                .format(1, 1, 8000, 16)
                .chunk("data", 0xFFFFFFFFL, bytes(0, 0))
                .riff();

        assertInvalid(file, "its 'data' chunk claims 4294967295 bytes, 2 are left");
    }

    @Test
    void refusesClipsThatAreTooLongFromTheHeaderAlone() {
        byte[] file = WaveBytes.tone(8000, 440, 8_001);

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> WaveFile.open(file, "", 1))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.AUDIO_TOO_LONG))
                .withMessage("Cannot decode WAVE: it lasts 1.000 s (8001 samples at 8000 Hz), allowed are 1.000 s");
    }

    @ParameterizedTest
    @CsvSource({
        "4944330400000000, an MP3 clip",
        "FFFB906400000000, an MP3 clip",
        "4F67675300020000, an Ogg file",
        "664C614300000022, a FLAC clip",
        "5249465800000000, a big-endian RIFF (RIFX) file"
    })
    void namesOtherFormats(String hex, String name) {
        byte[] file = Arrays.copyOf(HexFormat.of().parseHex(hex), 64);

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> WaveFile.open(file, "audio/wav", 60))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_AUDIO))
                .withMessage("Cannot decode audio: its 64 bytes look like %s, declared as 'audio/wav'; send RIFF WAVE"
                        .formatted(name));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 8000, 4, ADPCM of 4 bits",
        "85, 1, 8000, 16, MP3 in WAVE of 16 bits",
        "1, 1, 8000, 12, PCM of 12 bits",
        "1, 9, 8000, 16, it has 9 channels at 8000 Hz",
        "1, 0, 8000, 16, it has 0 channels at 8000 Hz",
        "1, 1, 999, 16, it has 1 channels at 999 Hz",
        "1, 1, 400000, 16, it has 1 channels at 400000 Hz"
    })
    void refusesOtherEncodingsWithTheirValues(int tag, int channels, int rate, int bits, String reason) {
        byte[] file = new WaveBytes()
                .format(tag, channels, rate, bits)
                .chunk("data", new byte[72])
                .riff();

        assertInvalid(file, reason);
    }

    @Test
    void refusesSamplesThatAreNoNumbers() {
        ByteBuffer data = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(0)
                .putFloat(Float.NaN);

        assertInvalid(
                new WaveBytes()
                        .format(3, 1, 8000, 32)
                        .chunk("data", data.array())
                        .riff(),
                "sample 1 is not a finite number");
    }

    @Test
    void refusesEmptyAndHalfFrames() {
        assertInvalid(new WaveBytes().format(1, 1, 8000, 16).chunk("data").riff(), "no samples");
        assertInvalid(
                new WaveBytes()
                        .format(1, 2, 8000, 16)
                        .chunk("data", new byte[6])
                        .riff(),
                "its data chunk has 6 bytes, no multiple of 2 channels × 2 bytes");
    }

    @Test
    void refusesEveryTruncation() {
        byte[] file = WaveBytes.tone(8000, 440, 50);

        for (int length = 1; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);

            assertThatExceptionOfType(UnusablePayloadException.class)
                    .isThrownBy(() -> mono(cut))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_AUDIO));
        }
    }

    private static void assertSamples(int tag, int bits, int... data) throws Exception {
        assertThat(mono(new WaveBytes()
                        .format(tag, 1, 8000, bits)
                        .chunk("data", bytes(data))
                        .riff()))
                .containsExactly(EXPECTED);
    }

    private static void assertInvalid(byte[] file, String reason) {
        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> mono(file))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_AUDIO))
                .withMessageContaining(reason);
    }

    private static float[] mono(byte[] file) throws UnusablePayloadException {
        WaveFile wave = WaveFile.open(file, "", 60);
        return wave.mono(wave.frames());
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) values[index];
        }
        return bytes;
    }
}
