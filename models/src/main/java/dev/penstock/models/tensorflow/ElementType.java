package dev.penstock.models.tensorflow;

import dev.penstock.models.card.NumberType;
import dev.penstock.models.preprocessing.Example.Value.Floats;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.tensorflow.proto.DataType;

/**
 * Element types of tensors that Penstock fills and reads: those that a card can name, and strings. Memory is in native
 * byte order; places in it are counted in elements.
 */
enum ElementType {
    FLOAT32(DataType.DT_FLOAT, 4),
    FLOAT64(DataType.DT_DOUBLE, 8),
    FLOAT16(DataType.DT_HALF, 2),
    BFLOAT16(DataType.DT_BFLOAT16, 2),
    UINT8(DataType.DT_UINT8, 1),
    INT32(DataType.DT_INT32, 4),
    INT64(DataType.DT_INT64, 8),
    BOOL(DataType.DT_BOOL, 1),
    /** Elements are TensorFlow's own string records, which are not written here. */
    STRING(DataType.DT_STRING, 24);

    private final DataType dataType;
    private final int bytes;

    ElementType(DataType dataType, int bytes) {
        this.dataType = dataType;
        this.bytes = bytes;
    }

    /** Empty for types that Penstock cannot fill, such as int8. */
    static Optional<ElementType> of(DataType dataType) {
        return Arrays.stream(values()).filter(type -> type.dataType == dataType).findFirst();
    }

    /** The name that TensorFlow's Python users know: {@code float32}, {@code int8}. */
    static String nameOf(DataType dataType) {
        return of(dataType)
                .map(ElementType::word)
                .orElseGet(() -> dataType.name().toLowerCase(Locale.ROOT).replace("dt_", ""));
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its number in TensorFlow's C API. */
    int number() {
        return dataType.getNumber();
    }

    int bytes() {
        return bytes;
    }

    boolean hasFractions() {
        return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
    }

    /** Whether values of a card's type can be written without losing what they say. */
    boolean holds(NumberType type) {
        return switch (this) {
            case FLOAT32, FLOAT64 -> true;
            case FLOAT16, BFLOAT16 -> type.hasFractions() || type == NumberType.UINT8 || type == NumberType.BOOL;
            case INT32, INT64 -> !type.hasFractions();
            case UINT8 -> type == NumberType.UINT8 || type == NumberType.BOOL;
            case BOOL -> type == NumberType.BOOL;
            case STRING -> false;
        };
    }

    /** Types without fractions take the nearest whole number that they have. */
    void write(ByteBuffer memory, int at, double value) {
        switch (this) {
            case FLOAT32 -> memory.putFloat(at * 4, (float) value);
            case FLOAT64 -> memory.putDouble(at * 8, value);
            case FLOAT16 -> memory.putShort(at * 2, HalfFloats.float16((float) value));
            case BFLOAT16 -> memory.putShort(at * 2, HalfFloats.bfloat16((float) value));
            case UINT8 -> memory.put(at, (byte) Math.max(0, Math.min(255, Math.round(value))));
            case INT32 ->
                memory.putInt(
                        at * 4, (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, Math.round(value))));
            case INT64 -> memory.putLong(at * 8, Math.round(value));
            case BOOL -> memory.put(at, (byte) (value == 0 ? 0 : 1));
            case STRING -> throw new IllegalStateException("Cannot write a number into a string tensor");
        }
    }

    void write(ByteBuffer memory, int start, Floats floats) {
        if (this == FLOAT32) {
            floats.writeTo(memory, start);
            return;
        }
        float[] values = floats.values();
        for (int index = 0; index < values.length; index++) {
            write(memory, start + index, values[index]);
        }
    }

    void write(ByteBuffer memory, int start, int[] values) {
        if (this == INT32) {
            memory.asIntBuffer().put(start, values);
            return;
        }
        for (int index = 0; index < values.length; index++) {
            write(memory, start + index, values[index]);
        }
    }

    /** For types that have fractions. */
    float[] readAll(ByteBuffer memory, int count) {
        float[] values = new float[count];
        if (this == FLOAT32) {
            memory.asFloatBuffer().get(values);
            return values;
        }
        for (int index = 0; index < count; index++) {
            values[index] = switch (this) {
                case FLOAT64 -> (float) memory.getDouble(index * 8);
                case FLOAT16 -> HalfFloats.ofFloat16(memory.getShort(index * 2));
                case BFLOAT16 -> HalfFloats.ofBfloat16(memory.getShort(index * 2));
                default -> throw new IllegalStateException("Cannot read scores of type %s".formatted(word()));
            };
        }
        return values;
    }
}
