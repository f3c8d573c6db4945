package dev.penstock.schemas.wire;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** Schemas as they might have been, or might become. */
final class Schemas {
    private Schemas() {}

    static Schema without(Schema schema, String... names) {
        Set<String> left = Set.of(names);
        return withFields(schema, schema.getFields().stream().filter(field -> !left.contains(field.name())));
    }

    static Schema with(Schema schema, String name, Schema type, Object defaultValue) {
        return withFields(
                schema,
                Stream.concat(
                        schema.getFields().stream(), Stream.of(new Schema.Field(name, type, "New.", defaultValue))));
    }

    static Schema nothings() {
        return Schema.createArray(Schema.create(Schema.Type.NULL));
    }

    /** The value with those fields that this schema has too; the others are left empty. */
    static GenericRecord asWrittenBy(Schema schema, SpecificRecord value) {
        GenericRecord written = new GenericData.Record(schema);
        for (Schema.Field field : value.getSchema().getFields()) {
            if (schema.getField(field.name()) != null) {
                written.put(field.name(), withoutClasses(value.get(field.pos())));
            }
        }
        return written;
    }

    private static Schema withFields(Schema schema, Stream<Schema.Field> fields) {
        List<Schema.Field> copies =
                fields.map(field -> new Schema.Field(field, field.schema())).toList();
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, copies);
    }

    private static Object withoutClasses(Object value) {
        if (value instanceof Instant instant) {
            return instant.toEpochMilli();
        }
        if (value instanceof SpecificRecord nested) {
            return asWrittenBy(nested.getSchema(), nested);
        }
        if (value instanceof Enum<?>) {
            return new GenericData.EnumSymbol(SpecificData.get().getSchema(value.getClass()), value);
        }
        return value;
    }
}
