package dev.penstock.models.preprocessing.audio;

import static dev.penstock.schemas.deadletter.DeadLetterCode.AUDIO_TOO_LONG;
import static dev.penstock.schemas.deadletter.DeadLetterCode.INVALID_AUDIO;

import dev.penstock.models.preprocessing.payload.FileKind;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The structure of a RIFF WAVE file whose lengths agree with its bytes: PCM of 8 to 32 bits, float of 32 and 64,
 * mu-law, A-law, also as WAVE_FORMAT_EXTENSIBLE; 1 to 8 channels, 1 to 384 kHz.
 *
 * <p>Programs that write to a pipe cannot go back and fill in lengths. Where the data chunk claims 0 or 0xFFFFFFFF bytes
 * <em>and</em> so does the RIFF header, the data is what follows, to the end of the file.
 *
 * @param dataAt where the samples start
 * @param frames samples a channel, 1 or more
 * @see <a href="https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html">WAVE specifications</a>
 */
@SuppressWarnings("ArrayRecordComponent") // A view of one payload, which is not copied.
public record WaveFile(byte[] content, WaveEncoding encoding, int channels, int rate, int dataAt, int frames) {
    private static final int RIFF = 0x46464952;
    private static final int WAVE = 0x45564157;
    private static final int FORMAT_CHUNK = 0x20746D66;
    private static final int DATA_CHUNK = 0x61746164;
    private static final int FIRST_CHUNK = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final long STREAMED = 0xFFFFFFFFL;

    private static final int MOST_CHANNELS = 8;
    static final int LOWEST_RATE = 1_000;
    static final int HIGHEST_RATE = 384_000;

    private record Format(WaveEncoding encoding, int channels, int rate) {}

    /**
     * @param content the file; not copied and not changed
     * @param contentType what the sender says it is, for the message only; may be empty
     * @param seconds the longest that the clip may last
     */
    public static WaveFile open(byte[] content, String contentType, double seconds) throws UnusablePayloadException {
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (content.length < FIRST_CHUNK || bytes.getInt(0) != RIFF || bytes.getInt(8) != WAVE) {
            throw invalid("Cannot decode audio: its %d bytes look like %s%s; send RIFF WAVE"
                    .formatted(
                            content.length,
                            FileKind.of(content),
                            contentType.isEmpty()
                                    ? ""
                                    : ", declared as '%s'"
                                            .formatted(contentType.substring(0, Math.min(60, contentType.length())))));
        }
        long riffLength = bytes.getInt(4) & 0xFFFFFFFFL;
        boolean streamed = riffLength == 0 || riffLength == STREAMED;
        // Some writers leave the padding of the last chunk out of the length.
        boolean agrees = riffLength + CHUNK_HEADER == content.length
                || (riffLength % 2 == 1 && riffLength + CHUNK_HEADER + 1 == content.length);
        if (!streamed && !agrees) {
            throw invalid("Cannot decode WAVE: its RIFF header claims %d bytes, %d follow it"
                    .formatted(riffLength, content.length - CHUNK_HEADER));
        }
        Format format = null;
        long at = FIRST_CHUNK;
        while (at + CHUNK_HEADER <= content.length) {
            int type = bytes.getInt((int) at);
            long claimed = bytes.getInt((int) at + 4) & 0xFFFFFFFFL;
            int start = (int) at + CHUNK_HEADER;
            long left = content.length - (long) start;
            boolean toTheEnd = type == DATA_CHUNK && streamed && (claimed == 0 || claimed == STREAMED);
            if (claimed > left && !toTheEnd) {
                throw invalid("Cannot decode WAVE: its '%s' chunk claims %d bytes, %d are left"
                        .formatted(name(type), claimed, left));
            }
            if (type == FORMAT_CHUNK) {
                format = format(bytes, start, (int) claimed);
            } else if (type == DATA_CHUNK) {
                if (format == null) {
                    throw invalid("Cannot decode WAVE: its data chunk comes before its format chunk");
                }
                return open(content, format, start, toTheEnd ? left : claimed, toTheEnd, seconds);
            }
            at = start + claimed + claimed % 2;
        }
        throw invalid("Cannot decode WAVE: it ends at byte %d without a data chunk".formatted(content.length));
    }

    private static WaveFile open(
            byte[] content, Format format, int dataAt, long length, boolean toTheEnd, double seconds)
            throws UnusablePayloadException {
        int frameBytes = format.encoding.bytes() * format.channels;
        if (length % frameBytes != 0 && !toTheEnd) {
            throw invalid("Cannot decode WAVE: its data chunk has %d bytes, no multiple of %d channels × %d bytes"
                    .formatted(length, format.channels, format.encoding.bytes()));
        }
        int frames = (int) (length / frameBytes);
        if (frames == 0) {
            throw invalid("Cannot decode WAVE: its data chunk has %d bytes and so no samples".formatted(length));
        }
        if (frames > seconds * format.rate) {
            throw new UnusablePayloadException(
                    AUDIO_TOO_LONG,
                    "Cannot decode WAVE: it lasts %.3f s (%d samples at %d Hz), allowed are %.3f s"
                            .formatted(frames / (double) format.rate, frames, format.rate, seconds));
        }
        return new WaveFile(content, format.encoding, format.channels, format.rate, dataAt, frames);
    }

    private static Format format(ByteBuffer bytes, int at, int length) throws UnusablePayloadException {
        if (length < 16) {
            throw invalid(
                    "Cannot decode WAVE: its format chunk has %d bytes, at least 16 are needed".formatted(length));
        }
        int tag = Short.toUnsignedInt(bytes.getShort(at));
        int channels = Short.toUnsignedInt(bytes.getShort(at + 2));
        long rate = bytes.getInt(at + 4) & 0xFFFFFFFFL;
        int blockBytes = Short.toUnsignedInt(bytes.getShort(at + 12));
        int bits = Short.toUnsignedInt(bytes.getShort(at + 14));
        if (tag == EXTENSIBLE) {
            if (length < 40) {
                throw invalid("Cannot decode WAVE: its extensible format chunk has %d bytes, 40 are needed"
                        .formatted(length));
            }
            // The first two bytes of the sub-format's GUID are the tag that it would have without the extension.
            tag = Short.toUnsignedInt(bytes.getShort(at + 24));
        }
        WaveEncoding encoding = WaveEncoding.of(tag, bits);
        if (encoding == null) {
            throw invalid("Cannot decode WAVE: there is no support for %s of %d bits; send PCM of 8, 16, 24 or 32, "
                            .formatted(formatName(tag), bits)
                    + "float of 32 or 64, mu-law or A-law");
        }
        if (channels < 1 || channels > MOST_CHANNELS || rate < LOWEST_RATE || rate > HIGHEST_RATE) {
            throw invalid("Cannot decode WAVE: it has %d channels at %d Hz; 1 to %d at %d to %d Hz are supported"
                    .formatted(channels, rate, MOST_CHANNELS, LOWEST_RATE, HIGHEST_RATE));
        }
        if (blockBytes != channels * encoding.bytes()) {
            throw invalid("Cannot decode WAVE: its format chunk claims %d bytes for %d channels of %d bits"
                    .formatted(blockBytes, channels, bits));
        }
        return new Format(encoding, channels, (int) rate);
    }

    private static String formatName(int tag) {
        return switch (tag) {
            case 1 -> "PCM";
            case 2, 0x11 -> "ADPCM";
            case 3 -> "float";
            case 6 -> "A-law";
            case 7 -> "mu-law";
            case 0x31 -> "GSM 6.10";
            case 0x50, 0x55 -> "MP3 in WAVE";
            default -> "format 0x%04x".formatted(tag);
        };
    }

    /** Four characters; others than letters as dots, since the name goes into a message. */
    private static String name(int type) {
        StringBuilder name = new StringBuilder(4);
        for (int shift = 0; shift < 32; shift += 8) {
            int letter = type >> shift & 0xFF;
            name.append(letter >= ' ' && letter < 0x7F ? (char) letter : '.');
        }
        return name.toString();
    }

    /**
     * The mean of the channels, -1 to 1; float samples beyond that are cut.
     *
     * @param count how many samples from the start, at most {@link #frames}
     */
    float[] mono(int count) throws UnusablePayloadException {
        ByteBuffer data = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        float[] samples = new float[count];
        int at = dataAt;
        for (int frame = 0; frame < count; frame++) {
            float sum = 0;
            for (int channel = 0; channel < channels; channel++, at += encoding.bytes()) {
                sum += encoding.sample(data, at);
            }
            if (!Float.isFinite(sum)) {
                throw invalid("Cannot decode WAVE: sample %d is not a finite number".formatted(frame));
            }
            samples[frame] = Math.max(-1, Math.min(1, sum / channels));
        }
        return samples;
    }

    private static UnusablePayloadException invalid(String reason) {
        return new UnusablePayloadException(INVALID_AUDIO, reason);
    }
}
