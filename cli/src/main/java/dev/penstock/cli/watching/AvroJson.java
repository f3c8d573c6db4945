package dev.penstock.cli.watching;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Generic Avro values as JSON for reading: a union's value without its type, enums as text, dates and times as ISO 8601.
 * Unlike Avro's own JSON it cannot be read back.
 */
final class AvroJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final BytesShown bytes;

    AvroJson(BytesShown bytes) {
        this.bytes = bytes;
    }

    /** @param value without conversions of logical types, as {@link org.apache.avro.generic.GenericDatumReader} reads it */
    JsonNode of(Schema schema, @Nullable Object value) {
        if (value == null) {
            return NODES.nullNode();
        }
        return switch (schema.getType()) {
            case RECORD -> record((IndexedRecord) value);
            case ARRAY -> array(schema.getElementType(), (Collection<?>) value);
            case MAP -> map(schema.getValueType(), (Map<?, ?>) value);
            case UNION -> of(schema.getTypes().get(GenericData.get().resolveUnion(schema, value)), value);
            case ENUM, STRING -> NODES.textNode(value.toString());
            case FIXED -> binary(schema, ByteBuffer.wrap(((GenericFixed) value).bytes()));
            case BYTES -> binary(schema, (ByteBuffer) value);
            case INT -> wholeNumber(schema, (Integer) value);
            case LONG -> wholeNumber(schema, (Long) value);
            case FLOAT -> NODES.numberNode((Float) value);
            case DOUBLE -> NODES.numberNode((Double) value);
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            case NULL -> NODES.nullNode();
        };
    }

    private ObjectNode record(IndexedRecord value) {
        ObjectNode fields = NODES.objectNode();
        for (Schema.Field field : value.getSchema().getFields()) {
            fields.set(field.name(), of(field.schema(), value.get(field.pos())));
        }
        return fields;
    }

    private ArrayNode array(Schema elements, Collection<?> values) {
        ArrayNode array = NODES.arrayNode(values.size());
        values.forEach(value -> array.add(of(elements, value)));
        return array;
    }

    private ObjectNode map(Schema values, Map<?, ?> entries) {
        ObjectNode map = NODES.objectNode();
        entries.forEach((key, value) -> map.set(key.toString(), of(values, value)));
        return map;
    }

    private JsonNode binary(Schema schema, ByteBuffer value) {
        if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal && value.hasRemaining()) {
            byte[] unscaled = new byte[value.remaining()];
            value.duplicate().get(unscaled);
            return NODES.numberNode(new BigDecimal(new BigInteger(unscaled), decimal.getScale()));
        }
        return bytes.of(value);
    }

    private static JsonNode wholeNumber(Schema schema, long value) {
        LogicalType type = schema.getLogicalType();
        return switch (type == null ? "" : type.getName()) {
            case "timestamp-millis" -> text(Instant.ofEpochMilli(value));
            case "timestamp-micros" -> text(Instant.EPOCH.plus(value, ChronoUnit.MICROS));
            case "timestamp-nanos" -> text(Instant.EPOCH.plusNanos(value));
            case "local-timestamp-millis" -> text(local(Instant.ofEpochMilli(value)));
            case "local-timestamp-micros" -> text(local(Instant.EPOCH.plus(value, ChronoUnit.MICROS)));
            case "local-timestamp-nanos" -> text(local(Instant.EPOCH.plusNanos(value)));
            case "date" -> text(LocalDate.ofEpochDay(value));
            case "time-millis" -> text(LocalTime.MIDNIGHT.plus(value, ChronoUnit.MILLIS));
            case "time-micros" -> text(LocalTime.MIDNIGHT.plus(value, ChronoUnit.MICROS));
            default -> NODES.numberNode(value);
        };
    }

    private static LocalDateTime local(Instant instant) {
        return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    private static JsonNode text(Object value) {
        return NODES.textNode(value.toString());
    }
}
