package dev.penstock.schemas.wire;

import org.apache.kafka.common.errors.SerializationException;

/** The registry refused a schema, usually because readers or writers of earlier versions could not cope with it. */
public final class IncompatibleSchemaException extends SerializationException {
    IncompatibleSchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
