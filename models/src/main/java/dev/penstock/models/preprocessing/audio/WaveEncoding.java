package dev.penstock.models.preprocessing.audio;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** How one sample is written, and what it is between -1 and 1. */
enum WaveEncoding {
    PCM_8(1) {
        @Override
        float sample(ByteBuffer data, int at) {
            return ((data.get(at) & 0xFF) - 128) / 128f;
        }
    },
    PCM_16(2) {
        @Override
        float sample(ByteBuffer data, int at) {
            return data.getShort(at) / 32_768f;
        }
    },
    PCM_24(3) {
        @Override
        float sample(ByteBuffer data, int at) {
            return (data.get(at + 2) << 16 | Short.toUnsignedInt(data.getShort(at))) / 8_388_608f;
        }
    },
    PCM_32(4) {
        @Override
        float sample(ByteBuffer data, int at) {
            return data.getInt(at) / 0x1p31f;
        }
    },
    FLOAT_32(4) {
        @Override
        float sample(ByteBuffer data, int at) {
            return data.getFloat(at);
        }
    },
    FLOAT_64(8) {
        @Override
        float sample(ByteBuffer data, int at) {
            return (float) data.getDouble(at);
        }
    },
    MU_LAW(1) {
        /** ITU-T G.711: 14 bits, of which the bias of 33 makes every segment start with a set bit. */
        @Override
        float sample(ByteBuffer data, int at) {
            int inverted = ~data.get(at);
            int magnitude = ((((inverted & 0x0F) << 1) + 33) << (inverted >> 4 & 0x07)) - 33;
            return ((inverted & 0x80) == 0 ? magnitude : -magnitude) / 8_192f;
        }
    },
    A_LAW(1) {
        /** ITU-T G.711: 13 bits, even bits inverted. */
        @Override
        float sample(ByteBuffer data, int at) {
            int toggled = data.get(at) ^ 0x55;
            int segment = toggled >> 4 & 0x07;
            int mantissa = ((toggled & 0x0F) << 1) + 1;
            int magnitude = segment == 0 ? mantissa : (mantissa + 32) << (segment - 1);
            return ((toggled & 0x80) == 0 ? -magnitude : magnitude) / 4_096f;
        }
    };

    private final int bytes;

    WaveEncoding(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    /** @param data little-endian */
    abstract float sample(ByteBuffer data, int at);

    /**
     * @param format of the {@code fmt} chunk: 1 PCM, 3 float, 6 A-law, 7 mu-law
     * @return null if there is no such encoding here
     */
    static @Nullable WaveEncoding of(int format, int bits) {
        return switch (format) {
            case 1 ->
                switch (bits) {
                    case 8 -> PCM_8;
                    case 16 -> PCM_16;
                    case 24 -> PCM_24;
                    case 32 -> PCM_32;
                    default -> null;
                };
            case 3 ->
                switch (bits) {
                    case 32 -> FLOAT_32;
                    case 64 -> FLOAT_64;
                    default -> null;
                };
            case 6 -> bits == 8 ? A_LAW : null;
            case 7 -> bits == 8 ? MU_LAW : null;
            default -> null;
        };
    }
}
