package dev.penstock.models.inspection;

import dev.penstock.models.tensorflow.SavedModelDescription;
import dev.penstock.models.tensorflow.SavedModelDescription.Graph;
import dev.penstock.models.tensorflow.SavedModelDescription.Signature;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What was found out about a SavedModel. */
public record Inspection(Path directory, SavedModelDescription model) {
    /** A signature of one of the graphs that Penstock can serve. */
    public record Servable(Graph graph, Signature signature) {
        /** 0 for the one that serving tools take unless they are told otherwise. */
        int unusualness() {
            boolean usualTags = graph.tags().equals(Set.of("serve"));
            boolean usualKey = signature.key().equals("serving_default");
            return (usualTags ? 0 : 2) + (usualKey ? 0 : 1);
        }
    }

    /** Every signature that can serve, those that are usually served first. */
    public List<Servable> servable() {
        return model.graphs().stream()
                .flatMap(graph -> graph.signatures().stream()
                        .filter(signature ->
                                !signature.trains() && signature.refusal().isEmpty())
                        .map(signature -> new Servable(graph, signature)))
                .sorted(Comparator.comparingInt(Servable::unusualness))
                .toList();
    }

    /** Why nothing of the model can serve; empty if something can. */
    public Optional<String> refusal() {
        if (!servable().isEmpty()) {
            return Optional.empty();
        }
        // Several signatures often have the same reason.
        Map<String, Set<String>> keysByReason = new LinkedHashMap<>();
        model.graphs().stream().flatMap(graph -> graph.signatures().stream()).forEach(signature -> keysByReason
                .computeIfAbsent(signature.refusal().orElse("it is for training"), reason -> new LinkedHashSet<>())
                .add(signature.key()));
        String reasons = keysByReason.entrySet().stream()
                .map(reason -> "%s: %s".formatted(String.join(", ", reason.getValue()), reason.getKey()))
                .collect(Collectors.joining("; "));
        return Optional.of(
                reasons.isEmpty()
                        ? "it has no signature; export it with signatures={'serving_default': function}"
                        : reasons);
    }

    /** Whether it can be trained further in place: a signature named {@code train} takes examples and gives a loss. */
    public boolean trainable() {
        return model.graphs().stream()
                .flatMap(graph -> graph.signatures().stream())
                .anyMatch(signature -> signature.key().equals("train"));
    }

    /** For a terminal: a few lines. */
    public String report() {
        StringBuilder report = new StringBuilder("SavedModel %s\n".formatted(directory));
        for (Graph graph : model.graphs()) {
            report.append("graph %s, %d operations, %s%s\n"
                    .formatted(
                            new TreeSet<>(graph.tags()),
                            graph.operations(),
                            graph.hasVariables() ? "with variables" : "without variables",
                            graph.madeBy().isEmpty() ? "" : ", made by TensorFlow " + graph.madeBy()));
            if (!graph.assets().isEmpty()) {
                report.append("  assets: %s\n".formatted(String.join(", ", graph.assets())));
            }
            if (!graph.unknownOperations().isEmpty()) {
                report.append("  operations that this build does not have: %s\n"
                        .formatted(String.join(", ", new TreeSet<>(graph.unknownOperations()))));
            }
            graph.signatures().forEach(signature -> describe(signature, report));
        }
        report.append(refusal()
                .map(why -> "Penstock cannot serve it: %s\n".formatted(why))
                .orElse("Penstock can serve it%s\n".formatted(trainable() ? " and train it further" : "")));
        return report.toString();
    }

    private static void describe(Signature signature, StringBuilder report) {
        report.append("  signature %s%s\n".formatted(signature.key(), signature.trains() ? " (for training)" : ""));
        signature
                .inputs()
                .forEach(input -> report.append(
                        "    in  %s: %s %s\n".formatted(input.key(), input.type(), written(input.shape()))));
        signature
                .switches()
                .forEach(input -> report.append(
                        "    in  %s: %s, which the signature leaves out\n".formatted(input.key(), input.type())));
        signature
                .outputs()
                .forEach(output -> report.append(
                        "    out %s: %s %s\n".formatted(output.key(), output.type(), written(output.shape()))));
        signature.refusal().ifPresent(why -> report.append("    cannot serve: %s\n".formatted(why)));
    }

    private static String written(Optional<List<Long>> shape) {
        return shape.map(sizes -> sizes.stream()
                        .map(size -> size < 0 ? "?" : size.toString())
                        .collect(Collectors.joining(", ", "[", "]")))
                .orElse("of any shape");
    }
}
