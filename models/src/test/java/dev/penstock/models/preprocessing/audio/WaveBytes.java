package dev.penstock.models.preprocessing.audio;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** Writes WAVE files chunk by chunk, right ones and wrong ones. */
public final class WaveBytes {
    private final ByteArrayOutputStream chunks = new ByteArrayOutputStream();

    /** PCM of 16 bits, mono. */
    public static byte[] of(int rate, short... samples) {
        ByteBuffer data = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        for (short sample : samples) {
            data.putShort(sample);
        }
        return new WaveBytes()
                .format(1, 1, rate, 16)
                .chunk("data", data.array())
                .riff();
    }

    /** A sine of half the range, PCM of 16 bits, mono. */
    public static byte[] tone(int rate, double hertz, int count) {
        short[] samples = new short[count];
        for (int index = 0; index < count; index++) {
            samples[index] = (short) Math.round(16_384 * Math.sin(2 * Math.PI * hertz * index / rate));
        }
        return of(rate, samples);
    }

    public WaveBytes format(int tag, int channels, int rate, int bits) {
        ByteBuffer format = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        put(format, tag, channels, rate, bits);
        return chunk("fmt ", format.array());
    }

    /** WAVE_FORMAT_EXTENSIBLE of this sub-format. */
    public WaveBytes extensible(int tag, int channels, int rate, int bits) {
        ByteBuffer format = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        put(format, 0xFFFE, channels, rate, bits);
        format.putShort((short) 22).putShort((short) bits).putInt(0).putShort((short) tag);
        format.put(HexFormat.of().parseHex("000000001000800000AA00389B71"));
        return chunk("fmt ", format.array());
    }

    private static void put(ByteBuffer format, int tag, int channels, int rate, int bits) {
        int block = channels * bits / 8;
        format.putShort((short) tag).putShort((short) channels).putInt(rate);
        format.putInt(rate * block).putShort((short) block).putShort((short) bits);
    }

    public WaveBytes chunk(String type, byte... content) {
        return chunk(type, content.length, content);
    }

    /** A chunk that claims a length that may not be its own. */
    public WaveBytes chunk(String type, long claimed, byte... content) {
        chunks.writeBytes(type.getBytes(US_ASCII));
        chunks.writeBytes(little((int) claimed));
        chunks.writeBytes(content);
        if (content.length % 2 == 1) {
            chunks.write(0);
        }
        return this;
    }

    public byte[] riff() {
        return riff(chunks.size() + 4L);
    }

    public byte[] riff(long claimed) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("RIFF".getBytes(US_ASCII));
        file.writeBytes(little((int) claimed));
        file.writeBytes("WAVE".getBytes(US_ASCII));
        file.writeBytes(chunks.toByteArray());
        return file.toByteArray();
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }
}
