package dev.penstock.inference.features;

/**
 * Feedback as the history of a key takes it.
 *
 * @param group place of the group that the key belongs to
 * @param eventTime of the request that it is about, milliseconds since 1970-01-01T00:00Z
 * @param change 1 if the request has the label, -1 if it has it no longer
 */
public record LabelChange(int group, String key, long eventTime, String label, int change) {}
