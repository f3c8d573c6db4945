package dev.penstock.ingest.producer;

import dev.penstock.schemas.Origin;

/**
 * A request that the brokers have, on every replica that is in sync.
 *
 * @param requestId by which its prediction, reviews and feedback are found
 * @param position where the request is; its prediction names it as its origin
 */
public record Sent(String requestId, Origin position) {}
