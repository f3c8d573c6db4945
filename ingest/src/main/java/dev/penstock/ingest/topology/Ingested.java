package dev.penstock.ingest.topology;

import dev.penstock.schemas.topics.Topic;
import org.jspecify.annotations.Nullable;

/** What was made of one record, on its way to a topic. */
sealed interface Ingested {
    /**
     * A request, unless it was seen before; its record's key is the entity id in UTF-8.
     *
     * @param request as it goes to the topic
     */
    @SuppressWarnings("ArrayRecordComponent") // Travels between steps of one task; copying images would cost.
    record Candidate(String pipeline, String requestId, Topic topic, byte[] request) implements Ingested {}

    /** A dead letter's value; its record has the original key, and headers that say why. */
    @SuppressWarnings("ArrayRecordComponent") // As above.
    record Dead(byte @Nullable [] value) implements Ingested {}
}
