package dev.penstock.models.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Walks a graph from its outputs back to its inputs, through the functions that it calls: what TensorFlow 2 exports is
 * one call of a function.
 */
final class GraphWalk {
    /** Operations whose output is their input, for whoever asks where values come from. */
    private static final Set<String> PASSING = Set.of(
            "Identity",
            "IdentityN",
            "StopGradient",
            "PreventGradient",
            "CheckNumerics",
            "EnsureShape",
            "Snapshot",
            "Reshape",
            "Squeeze",
            "ExpandDims",
            "Cast");

    private static final Set<String> CALLS = Set.of("PartitionedCall", "StatefulPartitionedCall");

    /** Functions call functions; no export is this deep. */
    private static final int DEEPEST = 200;

    private final Body graph;
    private final Map<String, FunctionDef> functions = new HashMap<>();

    GraphWalk(MetaGraphDef metaGraph) {
        metaGraph
                .getGraphDef()
                .getLibrary()
                .getFunctionList()
                .forEach(function -> functions.put(function.getSignature().getName(), function));
        graph = new Body(metaGraph.getGraphDef().getNodeList(), null, null, 0);
    }

    /** Nodes that know each other by name: the graph's, or those of a function where it is called. */
    private static final class Body {
        private final Map<String, NodeDef> nodes = new HashMap<>();
        private final @Nullable FunctionDef function;
        private final @Nullable Tensor caller;
        private final int depth;

        Body(List<NodeDef> nodes, @Nullable FunctionDef function, @Nullable Tensor caller, int depth) {
            nodes.forEach(node -> this.nodes.put(node.getName(), node));
            this.function = function;
            this.caller = caller;
            this.depth = depth;
        }
    }

    /** One output of one node. */
    static final class Tensor {
        private final Body body;
        private final NodeDef node;
        private final int output;

        private Tensor(Body body, NodeDef node, int output) {
            this.body = body;
            this.node = node;
            this.output = output;
        }

        NodeDef node() {
            return node;
        }

        /** Whether it is a node of the graph itself, and of no function. */
        boolean isTopLevel() {
            return body.function == null;
        }

        /** Whether both are the same output of the same node, in the same call of the same function. */
        boolean isSameAs(Tensor other) {
            return output == other.output && path().equals(other.path());
        }

        private String path() {
            return body.caller == null ? node.getName() : body.caller.path() + "/" + node.getName();
        }
    }

    /** By its name in a signature, such as {@code StatefulPartitionedCall:0}; empty if the graph has none. */
    Optional<Tensor> tensor(String name) {
        return TensorName.of(name).flatMap(written -> resolve(graph, written.toString()));
    }

    /** Where a value comes from, past what hands it on, and into functions; empty if that cannot be told. */
    Optional<Tensor> source(Tensor tensor) {
        Optional<Tensor> current = Optional.of(tensor);
        for (int step = 0; step < 10_000 && current.isPresent(); step++) {
            Tensor at = current.get();
            Optional<FunctionDef> called = calledBy(at.node);
            if (called.isPresent()) {
                current = returned(at, called.get());
            } else if (PASSING.contains(at.node.getOp())) {
                current = input(at, at.node.getOp().equals("IdentityN") ? at.output : 0);
            } else {
                return current;
            }
        }
        return Optional.empty();
    }

    /** What feeds an input of a tensor's node. */
    Optional<Tensor> input(Tensor tensor, int index) {
        return index < tensor.node.getInputCount()
                ? resolve(tensor.body, tensor.node.getInput(index))
                : Optional.empty();
    }

    /**
     * Every node that the tensors need, each function's once.
     *
     * @param fed tensors of the graph that are given, so that nothing before them is needed
     */
    List<Tensor> reach(Collection<String> tensorNames, Collection<String> fed) {
        Set<TensorName> given =
                fed.stream().flatMap(name -> TensorName.of(name).stream()).collect(Collectors.toSet());
        Map<String, Tensor> reached = new LinkedHashMap<>();
        Deque<Tensor> open = new ArrayDeque<>();
        tensorNames.forEach(name -> tensor(name).ifPresent(open::add));
        while (!open.isEmpty()) {
            Tensor tensor = open.remove();
            if (reached.putIfAbsent(keyOf(tensor), tensor) != null) {
                continue;
            }
            for (String input : tensor.node.getInputList()) {
                resolve(tensor.body, input)
                        .filter(needed -> !needed.isTopLevel()
                                || !given.contains(new TensorName(needed.node.getName(), needed.output)))
                        .ifPresent(open::add);
            }
            for (FunctionDef function : functionsOf(tensor.node)) {
                if (tensor.body.depth < DEEPEST) {
                    Body body = new Body(function.getNodeDefList(), function, tensor, tensor.body.depth + 1);
                    function.getNodeDefList().forEach(node -> {
                        Tensor inside = new Tensor(body, node, 0);
                        if (!reached.containsKey(keyOf(inside))) {
                            open.add(inside);
                        }
                    });
                }
            }
        }
        return new ArrayList<>(reached.values());
    }

    private static String keyOf(Tensor tensor) {
        String function = tensor.body.function == null
                ? ""
                : tensor.body.function.getSignature().getName();
        return function + "/" + tensor.node.getName();
    }

    boolean hasFunction(String name) {
        return functions.containsKey(name);
    }

    /** The one function whose results are the node's. */
    private Optional<FunctionDef> calledBy(NodeDef node) {
        if (CALLS.contains(node.getOp())) {
            return Optional.ofNullable(functions.get(node.getAttrOrDefault("f", AttrValue.getDefaultInstance())
                    .getFunc()
                    .getName()));
        }
        // Before there were call operations, a function's name was an operation.
        return Optional.ofNullable(functions.get(node.getOp()));
    }

    /** Every function that a node names: those of calls, branches, loops and maps. */
    private List<FunctionDef> functionsOf(NodeDef node) {
        List<FunctionDef> named = new ArrayList<>();
        calledBy(node).ifPresent(named::add);
        for (AttrValue attribute : node.getAttrMap().values()) {
            if (attribute.hasFunc()) {
                add(named, attribute.getFunc().getName());
            }
            attribute.getList().getFuncList().forEach(function -> add(named, function.getName()));
        }
        return named;
    }

    private void add(List<FunctionDef> named, String name) {
        FunctionDef function = functions.get(name);
        if (function != null && !named.contains(function)) {
            named.add(function);
        }
    }

    private Optional<Tensor> returned(Tensor call, FunctionDef function) {
        List<OpDef.ArgDef> results = function.getSignature().getOutputArgList();
        if (call.output >= results.size() || call.body.depth >= DEEPEST) {
            return Optional.empty();
        }
        Body body = new Body(function.getNodeDefList(), function, call, call.body.depth + 1);
        return resolve(body, function.getRetOrDefault(results.get(call.output).getName(), ""));
    }

    /** In a graph {@code name:output}; in a function {@code name:result:output}, or an argument's name. */
    private Optional<Tensor> resolve(Body body, String reference) {
        String[] parts = (reference.startsWith("^") ? reference.substring(1) : reference).split(":", -1);
        NodeDef node = body.nodes.get(parts[0]);
        if (node == null) {
            return argument(body, parts[0]);
        }
        return Optional.of(new Tensor(body, node, parts.length == 1 ? 0 : number(parts[parts.length - 1])));
    }

    private Optional<Tensor> argument(Body body, String name) {
        if (body.function == null || body.caller == null) {
            return Optional.empty();
        }
        // Only calls hand over their inputs one by one; loops and branches have inputs of their own before them.
        OpDef signature = body.function.getSignature();
        if (calledBy(body.caller.node)
                .filter(called -> called.getSignature().getName().equals(signature.getName()))
                .isEmpty()) {
            return Optional.empty();
        }
        List<OpDef.ArgDef> arguments = signature.getInputArgList();
        for (int index = 0; index < arguments.size(); index++) {
            if (arguments.get(index).getName().equals(name)) {
                return input(body.caller, index);
            }
        }
        return Optional.empty();
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
