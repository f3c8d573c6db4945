package dev.penstock.schemas.wire;

import org.apache.kafka.common.errors.SerializationException;

/** The registry answered that it has no schema with the record's id: this record cannot be read here. */
public final class UnknownSchemaException extends SerializationException {
    UnknownSchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
