package dev.penstock.models.preprocessing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Looks through long rows of float32 for what is infinite or no number. */
final class FiniteFloats {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MAGNITUDES = 0x7FFF_FFFF_7FFF_FFFFL;
    /** Added to a magnitude, it reaches the sign's bit if all bits of the exponent are set, which is not finite. */
    private static final long LOWEST_EXPONENTS = 0x0080_0000_0080_0000L;

    private static final long SIGNS = 0x8000_0000_8000_0000L;

    private FiniteFloats() {}

    /** @param packed float32, little-endian */
    static boolean areAll(ByteBuffer packed) {
        if (!packed.hasArray()) {
            ByteBuffer copy = ByteBuffer.allocate(packed.remaining()).order(ByteOrder.LITTLE_ENDIAN);
            return areAll(copy.put(packed.duplicate()).flip());
        }
        byte[] bytes = packed.array();
        int at = packed.arrayOffset() + packed.position();
        int end = at + packed.remaining();
        // Two floats at a time, four times a step: none of the four waits for another.
        long first = 0;
        long second = 0;
        long third = 0;
        long fourth = 0;
        for (; at <= end - 4 * Long.BYTES; at += 4 * Long.BYTES) {
            first |= exponents(bytes, at);
            second |= exponents(bytes, at + Long.BYTES);
            third |= exponents(bytes, at + 2 * Long.BYTES);
            fourth |= exponents(bytes, at + 3 * Long.BYTES);
        }
        boolean finite = ((first | second | third | fourth) & SIGNS) == 0;
        for (; at < end; at += Float.BYTES) {
            finite &= Float.isFinite(packed.getFloat(at - packed.arrayOffset()));
        }
        return finite;
    }

    private static long exponents(byte[] bytes, int at) {
        return ((long) LONGS.get(bytes, at) & MAGNITUDES) + LOWEST_EXPONENTS;
    }
}
