package dev.penstock.cli.models;

import dev.penstock.models.tensorflow.SavedModelDescription;
import dev.penstock.models.tensorflow.SavedModelDescription.Graph;
import dev.penstock.models.tensorflow.SavedModelDescription.Signature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A SavedModel's description as JSON. */
final class InspectionJson {
    private InspectionJson() {}

    static List<Map<String, @Nullable Object>> graphs(SavedModelDescription model) {
        return model.graphs().stream().map(InspectionJson::graph).toList();
    }

    private static Map<String, @Nullable Object> graph(Graph graph) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("tags", new TreeSet<>(graph.tags()));
        json.put("madeBy", graph.madeBy());
        json.put("operations", graph.operations());
        json.put("unknownOperations", new TreeSet<>(graph.unknownOperations()));
        json.put("hasVariables", graph.hasVariables());
        json.put("assets", graph.assets());
        json.put(
                "signatures",
                graph.signatures().stream().map(InspectionJson::signature).toList());
        return json;
    }

    private static Map<String, @Nullable Object> signature(Signature signature) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("key", signature.key());
        json.put("trains", signature.trains());
        json.put("refusal", signature.refusal().orElse(null));
        json.put(
                "inputs",
                signature.inputs().stream()
                        .map(input -> tensor(input.key(), input.type(), input.shape()))
                        .toList());
        json.put(
                "switches",
                signature.switches().stream()
                        .map(input -> tensor(input.key(), input.type(), input.shape()))
                        .toList());
        json.put(
                "outputs",
                signature.outputs().stream()
                        .map(output -> tensor(output.key(), output.type(), output.shape()))
                        .toList());
        return json;
    }

    private static Map<String, @Nullable Object> tensor(String key, String type, Optional<List<Long>> shape) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("key", key);
        json.put("type", type);
        json.put("shape", shape.orElse(null));
        return json;
    }
}
