package dev.penstock.cli.topics;

import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.List;
import java.util.Optional;

/**
 * A topic as it is.
 *
 * @param catalogued whether it is one of the platform's own
 * @param exists false only for one of the platform's own that is not there
 * @param records offsets between its beginning and its end: more than there are records where it is compacted or
 *     written in transactions
 * @param kept for how long, for a person
 * @param schema newest of its subject
 * @param compatibility level of its subject
 * @param deviations what is not as in the catalogue, each as a phrase with values
 */
public record TopicState(
        String name,
        boolean catalogued,
        boolean exists,
        int partitions,
        long records,
        String kept,
        Optional<SchemaRegistry.Version> schema,
        Optional<String> compatibility,
        List<String> deviations) {
    public TopicState {
        deviations = List.copyOf(deviations);
    }

    static TopicState missing(String name) {
        return new TopicState(
                name, true, false, 0, 0, "", Optional.empty(), Optional.empty(), List.of("there is no such topic"));
    }
}
