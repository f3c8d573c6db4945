package dev.penstock.models.preprocessing;

import dev.penstock.schemas.deadletter.DeadLetterCode;

/** What became of one payload. */
public sealed interface Prepared {
    /** It can be scored. */
    record Ready(Example example) implements Prepared {}

    /**
     * It cannot be used.
     *
     * @param reason one sentence with values
     */
    record Rejected(DeadLetterCode code, String reason) implements Prepared {}
}
