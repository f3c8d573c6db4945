package dev.penstock.ingest.mapping;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.UUID;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.util.Utf8;

/** Avro values as what requests carry. All throw {@link RejectedRecordException} for what cannot be used. */
final class FieldValues {
    private static final Conversions.DecimalConversion DECIMAL = new Conversions.DecimalConversion();
    private static final Conversions.BigDecimalConversion BIG_DECIMAL = new Conversions.BigDecimalConversion();
    /** What Java puts where bytes are not UTF-8; a text may also contain it rightly. */
    private static final char REPLACEMENT = '\uFFFD';

    private FieldValues() {}

    /** A string, or bytes of UTF-8. */
    static String text(Field field) {
        return switch (field.schema().getType()) {
            case STRING -> string(field);
            case BYTES -> {
                if (isDecimal(field)) {
                    throw field.unusable("a string or bytes of UTF-8");
                }
                yield utf8(field, bytes(field));
            }
            default -> throw field.unusable("a string or bytes of UTF-8");
        };
    }

    /** What names something: a string, an enum, a whole number, a UUID. */
    static String name(Field field) {
        return switch (field.schema().getType()) {
            case STRING -> string(field);
            case ENUM, INT, LONG -> field.value().toString();
            case FIXED -> uuid(field);
            default -> throw field.unusable("a string, an enum, a whole number or a UUID");
        };
    }

    /** What is shown as text: whatever {@link #name} takes, other numbers, booleans. */
    static String label(Field field) {
        return switch (field.schema().getType()) {
            case FLOAT, DOUBLE, BOOLEAN -> field.value().toString();
            case BYTES, FIXED -> isDecimal(field) ? decimal(field).toPlainString() : name(field);
            default -> name(field);
        };
    }

    /** A category: whatever {@link #name} takes, or a boolean. */
    static String category(Field field) {
        return field.schema().getType() == Schema.Type.BOOLEAN ? field.value().toString() : name(field);
    }

    /** Any number, decimals included; a boolean is 1 or 0. Finite. */
    static double number(Field field) {
        double number =
                switch (field.schema().getType()) {
                    case INT, LONG, FLOAT, DOUBLE -> ((Number) field.value()).doubleValue();
                    case BOOLEAN -> field.value().equals(true) ? 1 : 0;
                    case BYTES, FIXED -> {
                        if (!isDecimal(field)) {
                            throw field.unusable("a number");
                        }
                        yield decimal(field).doubleValue();
                    }
                    default -> throw field.unusable("a number");
                };
        if (!Double.isFinite(number)) {
            throw new RejectedRecordException(
                    DeadLetterCode.NON_FINITE_FEATURE,
                    "Cannot use field '%s': it is %s".formatted(field.path(), number));
        }
        return number;
    }

    /** The encoded file: bytes or fixed, not copied. */
    static ByteBuffer bytes(Field field) {
        if (field.value() instanceof ByteBuffer bytes) {
            return bytes.duplicate();
        }
        if (field.value() instanceof GenericFixed fixed) {
            return ByteBuffer.wrap(fixed.bytes());
        }
        throw field.unusable("bytes");
    }

    /** An array of numbers, or bytes that are float32 already. Little-endian float32, finite, maybe empty. */
    static ByteBuffer vector(Field field) {
        return field.value() instanceof Collection<?> items ? vector(field, items) : packedVector(field);
    }

    private static ByteBuffer vector(Field field, Collection<?> items) {
        ByteBuffer values = ByteBuffer.allocate(Math.multiplyExact(items.size(), Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        int index = 0;
        for (Object item : items) {
            if (item == null) {
                throw new RejectedRecordException(
                        DeadLetterCode.MISSING_FEATURE,
                        "Cannot use field '%s': value %d of the vector is null".formatted(field.path(), index));
            }
            if (!(item instanceof Number number)) {
                throw field.unusable("an array of numbers");
            }
            values.putFloat(finite(field, index, number.floatValue()));
            index++;
        }
        return values.flip();
    }

    private static ByteBuffer packedVector(Field field) {
        if (isDecimal(field)) {
            throw field.unusable("an array of numbers");
        }
        ByteBuffer values = bytes(field).order(ByteOrder.LITTLE_ENDIAN);
        if (values.remaining() % Float.BYTES != 0) {
            throw new RejectedRecordException(
                    DeadLetterCode.INVALID_FEATURE,
                    "Cannot use field '%s': %d bytes are not a whole number of float32 values"
                            .formatted(field.path(), values.remaining()));
        }
        for (int index = 0; index < values.remaining() / Float.BYTES; index++) {
            finite(field, index, values.getFloat(values.position() + index * Float.BYTES));
        }
        return values;
    }

    private static float finite(Field field, int index, float value) {
        if (!Float.isFinite(value)) {
            throw new RejectedRecordException(
                    DeadLetterCode.NON_FINITE_FEATURE,
                    "Cannot use field '%s': value %d of the vector is %s as float32"
                            .formatted(field.path(), index, value));
        }
        return value;
    }

    private static String string(Field field) {
        String text = field.value().toString();
        if (text.indexOf(REPLACEMENT) >= 0 && field.value() instanceof Utf8 utf8) {
            utf8(field, ByteBuffer.wrap(utf8.getBytes(), 0, utf8.getByteLength()));
        }
        return text;
    }

    private static String utf8(Field field, ByteBuffer bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes);
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new RejectedRecordException(
                    DeadLetterCode.INVALID_TEXT,
                    "Cannot use field '%s': it is not valid UTF-8 (%s)".formatted(field.path(), e.getMessage()));
        }
    }

    private static String uuid(Field field) {
        ByteBuffer bytes = bytes(field);
        if (!(field.schema().getLogicalType() instanceof LogicalTypes.Uuid) || bytes.remaining() != 2 * Long.BYTES) {
            throw field.unusable("a string, an enum, a whole number or a UUID");
        }
        return new UUID(bytes.getLong(), bytes.getLong()).toString();
    }

    private static boolean isDecimal(Field field) {
        LogicalType logical = field.schema().getLogicalType();
        return logical instanceof LogicalTypes.Decimal || logical instanceof LogicalTypes.BigDecimal;
    }

    private static BigDecimal decimal(Field field) {
        LogicalType logical = field.schema().getLogicalType();
        try {
            if (logical instanceof LogicalTypes.BigDecimal) {
                return BIG_DECIMAL.fromBytes(bytes(field), field.schema(), logical);
            }
            return field.value() instanceof GenericData.Fixed fixed
                    ? DECIMAL.fromFixed(fixed, field.schema(), logical)
                    : DECIMAL.fromBytes(bytes(field), field.schema(), logical);
        } catch (RuntimeException e) {
            // Avro reports bytes that are no decimal with whatever the arithmetic below it throws.
            throw new RejectedRecordException(
                    DeadLetterCode.WRONG_TYPE,
                    "Cannot use field '%s': its bytes are not a %s".formatted(field.path(), logical.getName()));
        }
    }
}
