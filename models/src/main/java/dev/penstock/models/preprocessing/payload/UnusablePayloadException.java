package dev.penstock.models.preprocessing.payload;

import dev.penstock.schemas.deadletter.DeadLetterCode;

/** A payload that cannot become an input. Made for every bad record, so it carries no stack trace. */
public final class UnusablePayloadException extends Exception {
    private final DeadLetterCode code;

    /** @param reason one sentence with values */
    public UnusablePayloadException(DeadLetterCode code, String reason) {
        super(reason, null, false, false);
        this.code = code;
    }

    public DeadLetterCode code() {
        return code;
    }

    /** One sentence with values. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
