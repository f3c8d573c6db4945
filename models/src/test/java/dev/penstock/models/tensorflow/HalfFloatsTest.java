package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatsTest {
    @Test
    void comeBackAsTheyWere() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            short half = (short) bits;
            float float16 = HalfFloats.ofFloat16(half);
            float bfloat16 = HalfFloats.ofBfloat16(half);
            if (Float.isNaN(float16)) {
                assertThat(HalfFloats.ofFloat16(HalfFloats.float16(float16))).isNaN();
            } else {
                assertThat(HalfFloats.float16(float16)).isEqualTo(half);
            }
            if (Float.isNaN(bfloat16)) {
                assertThat(HalfFloats.ofBfloat16(HalfFloats.bfloat16(bfloat16))).isNaN();
            } else {
                assertThat(HalfFloats.bfloat16(bfloat16)).isEqualTo(half);
            }
        }
    }

    @Test
    void roundToTheNearest() {
        for (int bits = 0; bits < 0x7BFF; bits++) {
            float low = HalfFloats.ofFloat16((short) bits);
            float high = HalfFloats.ofFloat16((short) (bits + 1));
            float middle = (low + high) / 2;

            assertThat(HalfFloats.float16(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(HalfFloats.float16(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
            assertThat(HalfFloats.float16(middle)).as("to even").isEqualTo((short) ((bits + 1) & ~1));
        }
        assertThat(HalfFloats.ofBfloat16(HalfFloats.bfloat16(1 + 0x1p-9f))).isEqualTo(1f);
        assertThat(HalfFloats.ofBfloat16(HalfFloats.bfloat16(1 + 0x1.8p-8f))).isEqualTo(1 + 0x1p-7f);
        assertThat(HalfFloats.ofBfloat16(HalfFloats.bfloat16(1 + 0x1p-8f)))
                .as("to even")
                .isEqualTo(1f);
    }

    @Test
    void becomeInfiniteWhereTheyEnd() {
        assertThat(HalfFloats.ofFloat16(HalfFloats.float16(65_504f))).isEqualTo(65_504f);
        assertThat(HalfFloats.ofFloat16(HalfFloats.float16(65_520f))).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(HalfFloats.ofFloat16(HalfFloats.float16(-1e30f))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(HalfFloats.ofBfloat16(HalfFloats.bfloat16(Float.MAX_VALUE))).isEqualTo(Float.POSITIVE_INFINITY);
    }
}
