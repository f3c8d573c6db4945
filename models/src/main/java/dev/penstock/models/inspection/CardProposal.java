package dev.penstock.models.inspection;

import dev.penstock.models.card.InvalidModelCardException;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.card.YamlText;
import dev.penstock.models.inspection.Inspection.Servable;
import dev.penstock.models.tensorflow.SavedModelDescription.Input;
import dev.penstock.models.tensorflow.SavedModelDescription.Origin;
import dev.penstock.models.tensorflow.SavedModelDescription.Output;
import dev.penstock.schemas.Modality;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A card for a model that has none, as far as the model itself tells. What it does not tell is marked with {@code #
 * check}: how pixels are scaled, what the labels are called.
 */
public final class CardProposal {
    /** More would be sizes of something else. */
    private static final int MOST_LABELS = 100_000;

    private final Servable servable;
    private final Modality modality;
    private final List<ProposedInput> inputs;
    private final Output deciding;
    private final String name;

    private CardProposal(String name, Servable servable, Output deciding) {
        this.name = name;
        this.servable = servable;
        this.deciding = deciding;
        List<Input> found = servable.signature().inputs();
        modality = ProposedInput.modalityOf(found);
        inputs = Stream.concat(
                        found.stream().map(input -> ProposedInput.of(input, found, modality)),
                        servable.signature().switches().stream().map(ProposedInput::constant))
                .toList();
    }

    /** Empty if the model cannot serve, or nothing that a card can say would make it. */
    public static Optional<CardProposal> of(Inspection inspection) {
        return inspection.servable().stream()
                .flatMap(servable -> deciding(servable.signature().outputs())
                        .map(output -> new CardProposal(nameOf(inspection.directory()), servable, output))
                        .stream())
                .filter(CardProposal::isValid)
                .min(Comparator.comparingInt(CardProposal::unusualness)
                        .thenComparingInt(proposal -> unlikeliness(proposal.deciding)));
    }

    /** Of signatures that are served equally often, the one whose output looks most like scores is meant. */
    private static int unusualness(CardProposal proposal) {
        return proposal.servable.unusualness();
    }

    /** Sizes in a signature may be anything, and such that no card can have them. */
    private boolean isValid() {
        if (columns() > MOST_LABELS) {
            return false;
        }
        try {
            ModelCardReader.read(yaml());
            return true;
        } catch (InvalidModelCardException e) {
            return false;
        }
    }

    /** The output that looks most like scores. */
    private static Optional<Output> deciding(List<Output> outputs) {
        return outputs.stream().filter(Output::fit).min(Comparator.comparingInt(CardProposal::unlikeliness));
    }

    private static int unlikeliness(Output output) {
        String key = output.key().toLowerCase(Locale.ROOT);
        boolean named = key.contains("prob") || key.contains("score") || key.contains("prediction");
        return switch (output.origin()) {
            case SOFTMAX, SIGMOID, LOG_SOFTMAX -> 0;
            case LINEAR -> named ? 1 : 2;
            case UNKNOWN -> named ? 1 : 3;
        };
    }

    private static String nameOf(Path directory) {
        String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        return name.isEmpty() ? "model" : name.substring(0, Math.min(name.length(), 63));
    }

    public Modality modality() {
        return modality;
    }

    /** {@code model-card.yaml}, which is valid as it is. */
    public String yaml() {
        List<String> lines = new ArrayList<>();
        lines.add("card-version: 1");
        lines.add("name: " + YamlText.of(name));
        lines.add("version: 1");
        lines.add("task: " + task());
        lines.add("modality: " + modality.name().toLowerCase(Locale.ROOT));
        lines.add("labels: %s  # check: their names, in the order of the output's columns"
                .formatted(YamlText.of(labels())));
        if (!servable.signature().key().equals("serving_default")) {
            lines.add("signature: " + YamlText.of(servable.signature().key()));
        }
        if (!servable.graph().tags().equals(Set.of("serve"))) {
            lines.add("tags: "
                    + YamlText.of(servable.graph().tags().stream().sorted().toList()));
        }
        lines.add("inputs:");
        inputs.forEach(input -> lines.addAll(input.yaml()));
        lines.add("outputs:");
        lines.add("  %s: %s".formatted(YamlText.of(deciding.key()), kind()));
        servable.signature().outputs().stream()
                .filter(output -> !output.equals(deciding))
                .forEach(output ->
                        lines.add("  # not used: %s (%s)".formatted(YamlText.of(output.key()), output.type())));
        return String.join("\n", lines) + "\n";
    }

    /** As many as there are numbers in a row; -1 where the model does not say. */
    private long columns() {
        Optional<List<Long>> shape = deciding.shape();
        if (shape.isEmpty()) {
            return -1;
        }
        List<Long> sizes = shape.get();
        if (sizes.size() == 1 && sizes.get(0) > 1 && !isBatchOf(sizes.get(0))) {
            return sizes.get(0);
        }
        return sizes.stream().skip(1).filter(size -> size != 1).findFirst().orElse(1L);
    }

    /** Whether so many are rows of a call, since inputs have as many. */
    private boolean isBatchOf(long rows) {
        return servable.signature().inputs().stream()
                .flatMap(input -> input.shape().stream())
                .anyMatch(shape -> !shape.isEmpty() && shape.get(0) == rows);
    }

    private String task() {
        if (columns() < 0) {
            return "multiclass  # check: the model does not say how many labels there are";
        } else if (columns() == 1) {
            return "binary";
        }
        return deciding.origin() == Origin.SIGMOID
                ? "multilabel  # check: its labels do not exclude each other, or so it seems"
                : "multiclass";
    }

    private List<String> labels() {
        if (columns() == 1) {
            return List.of("negative", "positive");
        }
        return IntStream.range(0, columns() < 0 ? 2 : (int) columns())
                .mapToObj(label -> "label-" + label)
                .toList();
    }

    private String kind() {
        return switch (deciding.origin()) {
            case SOFTMAX -> "probabilities  # they come out of a softmax";
            case SIGMOID -> "probabilities  # they come out of a sigmoid";
            case LOG_SOFTMAX -> "logits  # they come out of a log-softmax";
            case LINEAR -> "logits  # check: they come out of a layer without activation";
            case UNKNOWN -> "probabilities  # check: or logits; the model does not tell";
        };
    }
}
