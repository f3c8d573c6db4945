package dev.penstock.models.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteFloatsTest {
    private final Random random = new Random(17);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 784})
    void acceptsWhateverIsFinite(int length) {
        for (int row = 0; row < 200; row++) {
            assertThat(FiniteFloats.areAll(packed(finite(length)))).isTrue();
        }
        float[] extremes = new float[length];
        for (int index = 0; index < length; index++) {
            extremes[index] = index % 3 == 0 ? -Float.MAX_VALUE : index % 3 == 1 ? Float.MIN_VALUE : -0f;
        }
        assertThat(FiniteFloats.areAll(packed(extremes))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 15, 16, 17, 784})
    void findsOneThatIsNotWhereverItIs(int length) {
        int[] strange = {0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7F80_0001, 0xFFFF_FFFF};
        for (int index = 0; index < length; index++) {
            float[] values = finite(length);
            values[index] = Float.intBitsToFloat(strange[index % strange.length]);

            assertThat(FiniteFloats.areAll(packed(values))).as("at %d", index).isFalse();
        }
    }

    @Test
    void looksAtNothingBesideTheBuffer() {
        ByteBuffer all = packed(Float.NaN, 1, 2, Float.NaN);

        assertThat(FiniteFloats.areAll(all.slice(4, 8).order(ByteOrder.LITTLE_ENDIAN)))
                .isTrue();
        assertThat(FiniteFloats.areAll(all.position(4).limit(12))).isTrue();
        assertThat(FiniteFloats.areAll(all.position(4).limit(16))).isFalse();
    }

    @Test
    void looksIntoMemoryThatIsNoArray() {
        ByteBuffer direct = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);

        assertThat(FiniteFloats.areAll(direct.putFloat(0, 1).putFloat(4, 2))).isTrue();
        assertThat(FiniteFloats.areAll(direct.putFloat(4, Float.NaN))).isFalse();
    }

    private float[] finite(int length) {
        float[] values = new float[length];
        for (int index = 0; index < length; index++) {
            do {
                values[index] = Float.intBitsToFloat(random.nextInt());
            } while (!Float.isFinite(values[index]));
        }
        return values;
    }

    private static ByteBuffer packed(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }
}
