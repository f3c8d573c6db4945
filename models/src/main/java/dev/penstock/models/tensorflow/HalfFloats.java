package dev.penstock.models.tensorflow;

/** The two 16-bit floating-point types, which Java 17 has no conversions for. Rounds to the nearest, ties to even. */
final class HalfFloats {
    private HalfFloats() {}

    /** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits; what is too large becomes infinite. */
    static short float16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7FFFFFFF;
        if (magnitude > 0x7F800000) {
            return (short) (sign | 0x7E00); // NaN
        }
        if (magnitude >= 0x47800000) {
            return (short) (sign | 0x7C00); // 65536 and more, infinity
        }
        if (magnitude >= 0x38800000) {
            // Normal: rounding may carry into the exponent, which is then right, up to infinity.
            int rounded = magnitude - 0x38000000 + 0x0FFF + ((magnitude >>> 13) & 1);
            return (short) (sign | (rounded >>> 13));
        }
        // Subnormal: a multiple of 2^-24.
        return (short) (sign | (int) Math.rint(Math.abs((double) value) * 0x1p24));
    }

    static float ofFloat16(short half) {
        int exponent = (half >>> 10) & 0x1F;
        int fraction = half & 0x3FF;
        float magnitude;
        if (exponent == 0) {
            magnitude = fraction * 0x1p-24f;
        } else if (exponent == 0x1F) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else {
            magnitude = Float.intBitsToFloat(((exponent + 112) << 23) | (fraction << 13));
        }
        return half < 0 ? -magnitude : magnitude;
    }

    /** The upper half of a float32. */
    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40); // Stays a NaN whatever bits are cut.
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    static float ofBfloat16(short half) {
        return Float.intBitsToFloat(half << 16);
    }
}
