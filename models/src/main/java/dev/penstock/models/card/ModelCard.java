package dev.penstock.models.card;

import dev.penstock.schemas.Modality;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Everything about one version of a model that its SavedModel does not say: {@code model-card.yaml} in its bundle.
 *
 * @param name lower-case letters, digits and hyphens
 * @param version 1 or more
 * @param description for people; may be empty
 * @param labels in the order of the deciding output's columns
 * @param signature key in the SavedModel; empty to take {@code serving_default} or the only one there is
 * @param tags of the MetaGraph; empty to take {@code serve} or the only one there is
 * @param fixedBatch rows that every call must have, where the graph has that built in
 * @param inputs one per input of the signature
 * @param outputs those to fetch, the deciding one among them; others are left alone
 * @param metrics what was measured where it was made, by name, such as {@code accuracy}
 * @param lineage where it came from, by name, such as {@code seed}
 */
public record ModelCard(
        String name,
        int version,
        String description,
        Task task,
        Modality modality,
        List<String> labels,
        Optional<String> signature,
        Set<String> tags,
        OptionalInt fixedBatch,
        List<InputSpec> inputs,
        List<OutputSpec> outputs,
        DecisionPolicy decision,
        Limits limits,
        Map<String, Double> metrics,
        Map<String, String> lineage) {
    public ModelCard {
        labels = List.copyOf(labels);
        tags = Set.copyOf(tags);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        metrics = Map.copyOf(metrics);
        lineage = Map.copyOf(lineage);
    }
}
