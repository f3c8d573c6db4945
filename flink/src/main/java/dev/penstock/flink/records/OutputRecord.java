package dev.penstock.flink.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka record to be written. One edge carries every topic's, so that one transaction covers them all.
 *
 * @param headers UTF-8 text by name; empty for most
 */
@SuppressWarnings("ArrayRecordComponent") // Copying each payload to protect it would double the work.
public record OutputRecord(String topic, byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {

    /** A record with a text key and no headers. */
    public static OutputRecord of(String topic, String key, byte @Nullable [] value) {
        return new OutputRecord(topic, key.getBytes(UTF_8), value, Map.of());
    }
}
