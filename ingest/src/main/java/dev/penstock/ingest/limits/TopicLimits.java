package dev.penstock.ingest.limits;

import dev.penstock.schemas.topics.Topic;
import java.util.EnumMap;
import java.util.Map;

/** The largest record that each of the platform's topics takes. */
public final class TopicLimits {
    private final Map<Topic, Integer> bytes;

    private TopicLimits(Map<Topic, Integer> bytes) {
        this.bytes = Map.copyOf(bytes);
    }

    /** What topics take that were created from the catalogue. */
    public static TopicLimits catalogue() {
        return narrowed(Map.of());
    }

    /**
     * What topics take as they are: somebody may have created one with a smaller limit.
     *
     * @param actual {@code max.message.bytes}; where it is not known, the catalogue's holds
     */
    public static TopicLimits narrowed(Map<Topic, Integer> actual) {
        Map<Topic, Integer> bytes = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            int largest = topic.largestRecordBytes();
            bytes.put(topic, Math.min(largest, actual.getOrDefault(topic, largest)));
        }
        return new TopicLimits(bytes);
    }

    /** In bytes, with key, headers and framing. */
    public int of(Topic topic) {
        return bytes.get(topic);
    }
}
