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
 * @param calibration of the deciding output's scores; empty to leave them as the model gives them
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
        Optional<Calibration> calibration,
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

    /** Without calibration. */
    public ModelCard(
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
        this(
                name,
                version,
                description,
                task,
                modality,
                labels,
                signature,
                tags,
                fixedBatch,
                inputs,
                outputs,
                decision,
                limits,
                Optional.empty(),
                metrics,
                lineage);
    }

    /**
     * The card of another training of the same kind of model: what is said of the model's use stays, and what was found
     * out about this version does not.
     */
    public ModelCard trainedAnew(
            int otherVersion,
            Optional<Calibration> otherCalibration,
            Map<String, Double> otherMetrics,
            Map<String, String> otherLineage) {
        return new ModelCard(
                name,
                otherVersion,
                description,
                task,
                modality,
                labels,
                signature,
                tags,
                fixedBatch,
                inputs,
                outputs,
                decision,
                limits,
                otherCalibration,
                otherMetrics,
                otherLineage);
    }

    /** The same card with another policy. */
    public ModelCard withDecision(DecisionPolicy other) {
        return new ModelCard(
                name,
                version,
                description,
                task,
                modality,
                labels,
                signature,
                tags,
                fixedBatch,
                inputs,
                outputs,
                other,
                limits,
                calibration,
                metrics,
                lineage);
    }
}
