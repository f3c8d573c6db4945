package dev.penstock.cli.topics;

import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaParseException;

/** Compares what is there with what the platform makes when it creates a topic. */
final class CatalogueCheck {
    private CatalogueCheck() {}

    /** @param settings in force for the topic, by Kafka's names */
    static List<String> settings(Topic topic, Map<String, String> settings) {
        List<String> deviations = new ArrayList<>();
        new TreeMap<>(topic.settings()).forEach((name, expected) -> {
            String actual = settings.get(name);
            if (!expected.equals(actual)) {
                deviations.add("%s is %s instead of %s".formatted(name, actual, expected));
            }
        });
        return deviations;
    }

    /** @param newest of the topic's subject */
    static List<String> schema(
            Topic topic, Optional<SchemaRegistry.Version> newest, Optional<String> compatibility, Subjects subjects) {
        Optional<Schema> expected = topic.schema();
        if (expected.isEmpty()) {
            return List.of();
        }
        List<String> deviations = new ArrayList<>();
        if (newest.isEmpty()) {
            deviations.add("no schema is registered as %s".formatted(topic.subject()));
        } else if (!isSame(newest.get().schema(), expected.get())) {
            deviations.add(
                    subjects.accepts(topic.subject(), expected.get())
                            ? "schema version %d is not that of this Penstock, but compatible"
                                    .formatted(newest.get().version())
                            : "schema version %d is incompatible with that of this Penstock"
                                    .formatted(newest.get().version()));
        }
        if (newest.isPresent() && !compatibility.equals(Optional.of(TopicCreator.COMPATIBILITY))) {
            deviations.add("compatibility is %s instead of %s"
                    .formatted(compatibility.orElse("unknown"), TopicCreator.COMPATIBILITY));
        }
        return deviations;
    }

    /** As far as bytes are concerned: comments and properties of Java are not in the registry. */
    private static boolean isSame(String registered, Schema expected) {
        try {
            return SchemaNormalization.toParsingForm(new Schema.Parser().parse(registered))
                    .equals(SchemaNormalization.toParsingForm(expected));
        } catch (SchemaParseException e) {
            return false;
        }
    }
}
