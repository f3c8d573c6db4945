package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.topics.Topic;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A topic of the user's, and where a request's parts are in its records.
 *
 * @param topic name in Kafka
 * @param id the event's id: text, a whole number or a UUID
 * @param entity whom or what the event is about: text, a whole number or a UUID
 * @param time when it happened: an Avro timestamp or date, milliseconds since 1970 or ISO 8601 text; empty for the
 *     record's own timestamp
 * @param keyedBy what decides a record's partition; saves a hop where it is the entity or the id
 * @param payload what is to be scored
 * @param attributes by which quality is sliced, by name: text, numbers, enums or booleans
 */
public record Source(
        String topic,
        FieldPath id,
        FieldPath entity,
        Optional<FieldPath> time,
        @Default("anything") KeyedBy keyedBy,
        Payload payload,
        Map<String, FieldPath> attributes) {
    private static final Pattern LEGAL_TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    /** What decides on which partition of the source topic an event, and each repetition of it, arrives. */
    public enum KeyedBy {
        /** Nothing is known: ingest gathers the events of an entity on one partition before it looks for duplicates. */
        ANYTHING,
        /** All events of an entity are on one partition, in order. */
        ENTITY,
        /** All copies of an event are on one partition. */
        ID
    }

    public Source {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        Checks checks = new Checks()
                .require(
                        LEGAL_TOPIC.matcher(topic).matches() && !topic.equals(".") && !topic.equals(".."),
                        "topic",
                        "'%s' is not a topic name; use letters, digits, '.', '_' and '-', at most 249".formatted(topic))
                .require(
                        Topic.named(topic).isEmpty(),
                        "topic",
                        "'%s' is one of Penstock's own topics; name the one that your producers write".formatted(topic))
                .require(!topic.startsWith("__"), "topic", "'%s' is one of Kafka's own topics".formatted(topic));
        for (String name : attributes.keySet()) {
            checks.require(!name.isBlank(), "attributes", "an attribute has no name");
        }
        checks.refuse("source '%s'".formatted(topic));
    }
}
