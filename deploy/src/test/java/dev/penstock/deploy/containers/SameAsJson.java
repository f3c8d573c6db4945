package dev.penstock.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/**
 * Holds what another language read of a record to what Java wrote: each field that the schema has, and no other. Of a
 * union of several records JavaScript shows which one it is by the record's full name.
 */
final class SameAsJson {
    private SameAsJson() {}

    static void assertSame(IndexedRecord written, JsonNode read) {
        assertSame(written.getSchema(), written, read, written.getSchema().getName());
    }

    private static void assertSame(Schema schema, @Nullable Object written, JsonNode read, String where) {
        switch (schema.getType()) {
            case RECORD -> {
                IndexedRecord record = (IndexedRecord) written;
                assertThat(names(read))
                        .as(where)
                        .containsExactlyInAnyOrderElementsOf(schema.getFields().stream()
                                .map(Schema.Field::name)
                                .toList());
                for (Schema.Field field : schema.getFields()) {
                    assertSame(
                            field.schema(),
                            record.get(field.pos()),
                            read.get(field.name()),
                            where + "." + field.name());
                }
            }
            case MAP -> {
                Map<?, ?> entries = (Map<?, ?>) written;
                List<String> keys =
                        entries.keySet().stream().map(Object::toString).toList();
                assertThat(names(read)).as(where).containsExactlyInAnyOrderElementsOf(keys);
                entries.forEach((key, value) ->
                        assertSame(schema.getValueType(), value, read.get(key.toString()), where + "." + key));
            }
            case ARRAY -> {
                List<?> items = new ArrayList<>((Collection<?>) written);
                assertThat(read.size()).as(where).isEqualTo(items.size());
                for (int item = 0; item < items.size(); item++) {
                    assertSame(schema.getElementType(), items.get(item), read.get(item), where + "." + item);
                }
            }
            case UNION -> {
                Schema branch = schema.getTypes().get(SpecificData.get().resolveUnion(schema, written));
                if (schema.getTypes().stream()
                                .filter(type -> type.getType() == Schema.Type.RECORD)
                                .count()
                        > 1) {
                    assertThat(names(read)).as(where).containsExactly(branch.getFullName());
                    assertSame(branch, written, read.get(branch.getFullName()), where);
                } else {
                    assertSame(branch, written, read, where);
                }
            }
            case NULL -> assertThat(read.isNull()).as(where).isTrue();
            case STRING, ENUM -> {
                assertThat(read.isTextual()).as(where).isTrue();
                assertThat(read.textValue()).as(where).isEqualTo(written.toString());
            }
            case INT, LONG ->
                assertThat(read.asText())
                        .as(where)
                        .isEqualTo(Long.toString(
                                written instanceof Instant instant
                                        ? instant.toEpochMilli()
                                        : ((Number) written).longValue()));
            case FLOAT, DOUBLE ->
                assertThat(Double.valueOf(read.asText()))
                        .as(where)
                        .isEqualTo(Double.valueOf(((Number) written).doubleValue()));
            case BOOLEAN -> assertThat(read.booleanValue()).as(where).isEqualTo(written);
            case BYTES, FIXED ->
                throw new IllegalArgumentException("Cannot compare %s: JSON has no bytes".formatted(where));
        }
    }

    private static List<String> names(JsonNode read) {
        List<String> names = new ArrayList<>();
        read.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
