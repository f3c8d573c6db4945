package dev.penstock.ingest.mapping;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.FieldPath;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one path into records, through nested records, maps and unions. For one thread at a time. */
final class FieldFinder {
    private static final Logger LOG = LoggerFactory.getLogger(FieldFinder.class);

    private final String pipeline;
    private final FieldPath path;
    private final List<Utf8> mapKeys;
    /** By depth: the schema that was met there last, and its field, since the next record nearly always has the same. */
    private final Schema[] parents;

    private final Schema.@Nullable Field[] fields;
    /** Whose lack of the field was logged: a path that is misspelt should be noticed, but once. */
    private final Set<String> schemasWithout = new HashSet<>();
    /** What the last record had instead of the field. */
    private @Nullable Schema lacking;

    FieldFinder(String pipeline, FieldPath path) {
        this.pipeline = pipeline;
        this.path = path;
        this.mapKeys = path.names().stream().map(Utf8::new).toList();
        this.parents = new Schema[mapKeys.size()];
        this.fields = new Schema.Field[mapKeys.size()];
    }

    /** @throws RejectedRecordException with MISSING_FIELD if it is absent or null */
    Field required(GenericRecord record) {
        return optional(record)
                .orElseThrow(() -> new RejectedRecordException(
                        DeadLetterCode.MISSING_FIELD,
                        "Cannot use record: field '%s' is %s".formatted(path, absence())));
    }

    /** Empty if it is absent or null. */
    Optional<Field> optional(GenericRecord record) {
        Object value = record;
        Schema schema = record.getSchema();
        lacking = null;
        for (int depth = 0; depth < mapKeys.size(); depth++) {
            String name = path.names().get(depth);
            if (value instanceof GenericRecord parent) {
                Schema.Field field = field(schema, depth);
                if (field == null) {
                    lacking = schema;
                    noteAbsence(record.getSchema(), schema);
                    return Optional.empty();
                }
                value = parent.get(field.pos());
                schema = field.schema();
            } else if (value instanceof Map<?, ?> parent) {
                value = valueOf(parent, depth);
                schema = schema.getValueType();
            } else {
                throw new RejectedRecordException(
                        DeadLetterCode.WRONG_TYPE,
                        "Cannot find field '%s': what is before '%s' is %s, expected a record or a map"
                                .formatted(path, name, schema.getType().getName()));
            }
            if (value == null) {
                return Optional.empty();
            }
            if (schema.isUnion()) {
                schema = resolved(schema, value);
            }
        }
        return Optional.of(new Field(path, value, schema));
    }

    private Schema.@Nullable Field field(Schema parent, int depth) {
        if (!parent.equals(parents[depth])) {
            fields[depth] = parent.getField(path.names().get(depth));
            parents[depth] = parent;
        }
        return fields[depth];
    }

    /** @param value not null, which decides in the most usual union, of null and one other type */
    private static Schema resolved(Schema union, Object value) {
        List<Schema> types = union.getTypes();
        if (types.size() == 2 && union.isNullable()) {
            return types.get(types.get(0).getType() == Schema.Type.NULL ? 1 : 0);
        }
        return types.get(GenericData.get().resolveUnion(union, value));
    }

    private @Nullable Object valueOf(Map<?, ?> map, int depth) {
        Object value = map.get(mapKeys.get(depth));
        // Writers in Java may ask for String keys instead of Avro's own.
        return value == null ? map.get(path.names().get(depth)) : value;
    }

    private String absence() {
        return lacking == null
                ? "null or missing"
                : "not in schema %s, which has %s".formatted(lacking.getFullName(), fields(lacking));
    }

    private void noteAbsence(Schema top, Schema parent) {
        if (schemasWithout.add(top.getFullName())) {
            LOG.warn(
                    "Pipeline '{}' reads field '{}', but {} has only {}; correct the path or the schema",
                    pipeline,
                    path,
                    parent.getFullName(),
                    fields(parent));
        }
    }

    private static String fields(Schema schema) {
        return schema.getFields().stream().map(Schema.Field::name).toList().toString();
    }
}
