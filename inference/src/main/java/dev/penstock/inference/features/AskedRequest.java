package dev.penstock.inference.features;

import org.jspecify.annotations.Nullable;

/**
 * What feedback must know of the request that it is about.
 *
 * @param eventTime milliseconds since 1970-01-01T00:00Z
 * @param keys one for each group; null where the request has none
 */
@SuppressWarnings("ArrayRecordComponent") // Made for each request and read at once.
public record AskedRequest(
        String requestId, long eventTime, @Nullable String[] keys) {}
