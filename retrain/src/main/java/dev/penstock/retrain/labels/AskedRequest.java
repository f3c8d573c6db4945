package dev.penstock.retrain.labels;

/**
 * A request that waits for its label.
 *
 * @param value its record, in the wire format
 * @param readAt the record's timestamp
 */
@SuppressWarnings("ArrayRecordComponent") // Never seen but by the join.
public record AskedRequest(byte[] value, long readAt) {}
