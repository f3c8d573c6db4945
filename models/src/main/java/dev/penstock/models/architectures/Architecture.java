package dev.penstock.models.architectures;

import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.Limits;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import dev.penstock.schemas.Modality;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A kind of network, before there is one: what it reads, what it answers and how it is laid out. Immutable.
 *
 * <p>Every one of them reads one input and answers with one of its labels. With two labels it is a binary model, whose
 * second label is the positive one.
 */
public abstract sealed class Architecture permits AudioClassifier, ImageClassifier, RecordClassifier, TextClassifier {
    static final String PROBABILITIES = "probabilities";
    private static final int SCORES_IN_A_PREDICTION = 10;

    private final List<String> labels;

    Architecture(List<String> labels) {
        this.labels = List.copyOf(labels);
        if (labels.size() < 2 || new HashSet<>(labels).size() != labels.size()) {
            throw new IllegalArgumentException(
                    "Cannot classify into %s: name two or more labels, each once".formatted(labels));
        }
    }

    /** In the order of the output's columns. */
    public final List<String> labels() {
        return labels;
    }

    /** Such as {@code image-classifier}. */
    public abstract String name();

    /** For people: layers and sizes. */
    public abstract String description();

    public abstract Modality modality();

    /** The only input. */
    public abstract InputSpec input();

    /** What was found to learn well in seconds on two cores. */
    public abstract TrainingSettings usualTraining();

    /** @param training examples that constants of the graph, such as means, may be taken from */
    abstract Layers layers(List<TrainingExample> training);

    /** What the card of any version says; metrics and lineage come from its training. */
    public final ModelCard card(String model, int version) {
        OutputSpec probabilities = new OutputSpec(
                PROBABILITIES,
                OutputSpec.Kind.PROBABILITIES,
                labels,
                true,
                Math.min(labels.size(), SCORES_IN_A_PREDICTION));
        return new ModelCard(
                model,
                version,
                description(),
                labels.size() == 2 ? Task.BINARY : Task.MULTICLASS,
                modality(),
                labels,
                Optional.empty(),
                Set.of(),
                OptionalInt.empty(),
                List.of(input()),
                List.of(probabilities),
                new DecisionPolicy(1, 0.5, 0),
                Limits.usual(),
                Map.of(),
                Map.of("architecture", name()));
    }
}
