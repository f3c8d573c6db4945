package dev.penstock.ingest.mapping;

import dev.penstock.schemas.deadletter.DeadLetterCode;

/** Leaves the mapping of a record that cannot be used; without a stack trace, since it is the record that is wrong. */
public final class RejectedRecordException extends RuntimeException {
    private final DeadLetterCode code;

    RejectedRecordException(DeadLetterCode code, String reason) {
        super(reason, null, false, false);
        this.code = code;
    }

    DeadLetterCode code() {
        return code;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
