package dev.penstock.retrain.labels;

/**
 * Something about one request.
 *
 * @param timestamp of its record, milliseconds since 1970-01-01T00:00Z
 * @param eventTime of the request, or when the label was said, as the record has it, in milliseconds since
 *     1970-01-01T00:00Z
 * @param value the record, in the wire format
 */
@SuppressWarnings("ArrayRecordComponent") // Copying each payload to protect it would double the work.
public record LabelPart(String pipeline, String requestId, Kind kind, long timestamp, long eventTime, byte[] value) {
    private static final char SEPARATOR = '\u001f';

    /** What it is. */
    public enum Kind {
        REQUEST,
        DECISION,
        LABEL
    }

    /** What the parts of one request have in common: ids are unique within a pipeline. */
    public String key() {
        return pipeline + SEPARATOR + requestId;
    }
}
