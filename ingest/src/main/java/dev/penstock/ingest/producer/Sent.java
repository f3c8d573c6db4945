package dev.penstock.ingest.producer;

import dev.penstock.schemas.Origin;

/**
 * A request, or what was reported of one, that the brokers have, on every replica that is in sync.
 *
 * @param requestId by which its prediction, reviews and feedback are found
 * @param position where the record is; a request's prediction names it as its origin
 */
public record Sent(String requestId, Origin position) {}
