package dev.penstock.ingest.mapping;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.FieldPath;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;

/**
 * A value found in a record.
 *
 * @param value never null, as Avro's generic reader gives it
 * @param schema of the value, with unions resolved
 */
record Field(FieldPath path, Object value, Schema schema) {
    /** What it is, for messages: its logical type if it has one, else its type. */
    String type() {
        LogicalType logical = schema.getLogicalType();
        return logical == null ? schema.getType().getName() : logical.getName();
    }

    RejectedRecordException unusable(String expected) {
        return new RejectedRecordException(
                DeadLetterCode.WRONG_TYPE,
                "Cannot use field '%s': it is %s, expected %s".formatted(path, type(), expected));
    }
}
