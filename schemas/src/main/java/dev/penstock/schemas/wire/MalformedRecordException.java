package dev.penstock.schemas.wire;

import org.apache.kafka.common.errors.SerializationException;

/** The bytes are not what they should be: this record can never be read. */
public final class MalformedRecordException extends SerializationException {
    MalformedRecordException(String message) {
        super(message);
    }

    MalformedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
