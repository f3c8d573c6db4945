package dev.penstock.models.preprocessing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a model's inputs.
 *
 * @param values one per input of the model card, in the card's order
 */
public record Example(List<Value> values) {
    public Example {
        values = List.copyOf(values);
    }

    /** One row of one input, flat; its shape is the input's. Whoever makes one gives its array away. */
    public sealed interface Value {
        /**
         * For float32 and, widened or narrowed when the tensor is written, every other numeric type. Either an array, or
         * numbers as they came: those need not be unpacked where the tensor wants the same bytes.
         */
        final class Floats implements Value {
            private final int length;
            private final float @Nullable [] unpacked;
            private final ByteBuffer packed;

            public Floats(float[] values) {
                this(values.length, values, ByteBuffer.allocate(0));
            }

            private Floats(int length, float @Nullable [] unpacked, ByteBuffer packed) {
                this.length = length;
                this.unpacked = unpacked;
                this.packed = packed;
            }

            /** @param values float32, little-endian, 4 bytes each; not copied */
            public static Floats packed(ByteBuffer values) {
                return new Floats(
                        values.remaining() / Float.BYTES, null, values.slice().order(ByteOrder.LITTLE_ENDIAN));
            }

            public int length() {
                return length;
            }

            /** Itself where it was made of an array. */
            public float[] values() {
                if (unpacked != null) {
                    return unpacked;
                }
                float[] values = new float[length];
                packed.asFloatBuffer().get(values);
                return values;
            }

            /** Writes them as float32 in the memory's byte order, from an element of it on. */
            public void writeTo(ByteBuffer memory, int start) {
                if (unpacked != null) {
                    memory.asFloatBuffer().put(start, unpacked);
                } else if (memory.order() == packed.order()) {
                    memory.put(start * Float.BYTES, packed, 0, length * Float.BYTES);
                } else {
                    memory.asFloatBuffer().put(start, packed.asFloatBuffer(), 0, length);
                }
            }
        }

        /** For int32 and int64: token ids and masks, which float32 could not hold exactly. */
        @SuppressWarnings("ArrayRecordComponent") // Copying every decoded text to protect it would double the work.
        record Integers(int[] values) implements Value {}

        /** For string inputs: UTF-8 text or an encoded file. */
        @SuppressWarnings("ArrayRecordComponent") // As above.
        record Bytes(byte[] value) implements Value {}
    }
}
