package dev.penstock.models.preprocessing;

import java.util.List;

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
        /** For float32 and, widened or narrowed when the tensor is written, every other numeric type. */
        @SuppressWarnings("ArrayRecordComponent") // Copying every decoded image to protect it would double the work.
        record Floats(float[] values) implements Value {}

        /** For int32 and int64: token ids and masks, which float32 could not hold exactly. */
        @SuppressWarnings("ArrayRecordComponent") // As above.
        record Integers(int[] values) implements Value {}

        /** For string inputs: UTF-8 text or an encoded file. */
        @SuppressWarnings("ArrayRecordComponent") // As above.
        record Bytes(byte[] value) implements Value {}
    }
}
