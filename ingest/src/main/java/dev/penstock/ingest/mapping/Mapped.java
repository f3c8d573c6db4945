package dev.penstock.ingest.mapping;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.Optional;

/** What one record is to one pipeline. */
public sealed interface Mapped {
    /** A request that keeps every rule of its pipeline. */
    record Valid(InferenceRequest request) implements Mapped {}

    /**
     * It cannot be used.
     *
     * @param reason one sentence with values
     * @param requestId the event's id, as far as it is known
     */
    record Rejected(DeadLetterCode code, String reason, Optional<String> requestId) implements Mapped {}
}
