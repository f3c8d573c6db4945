package dev.penstock.models.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
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

    /** Functions that say so stand in for each other: TensorFlow takes the one that suits the device. */
    private static final String STANDS_IN_FOR = "api_implements";

    /** Nodes of restoring functions, called once for each group of variables: thousands in the largest exports. */
    private static final int MOST_IN_EACH_CALL = 1_000_000;

    private final Body graph;
    private final Map<String, FunctionDef> functions = new HashMap<>();
    private final Map<String, List<String>> standIns = new HashMap<>();

    GraphWalk(MetaGraphDef metaGraph) {
        metaGraph
                .getGraphDef()
                .getLibrary()
                .getFunctionList()
                .forEach(function -> functions.put(function.getSignature().getName(), function));
        functions.forEach((name, function) -> standInFor(function)
                .ifPresent(what -> standIns.computeIfAbsent(what, unseen -> new ArrayList<>())
                        .add(name)));
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

        /** As people find it in a viewer of graphs. */
        String place() {
            return body.function == null
                    ? "operation '%s'".formatted(node.getName())
                    : "operation '%s' of function '%s'"
                            .formatted(
                                    node.getName(), body.function.getSignature().getName());
        }
    }

    /** By its name in a signature, such as {@code StatefulPartitionedCall:0}; empty if the graph has none. */
    Optional<Tensor> tensor(String name) {
        return TensorName.of(name).flatMap(written -> resolve(graph, written.toString()));
    }

    /** Where a value comes from, past what hands it on, and into functions; empty if that cannot be told. */
    Optional<Tensor> source(Tensor tensor) {
        return source(tensor, Set.of());
    }

    /**
     * The same, no further than to what is given.
     *
     * @param fed tensors of the graph
     */
    Optional<Tensor> source(Tensor tensor, Collection<String> fed) {
        Set<TensorName> given = names(fed);
        Optional<Tensor> current = Optional.of(tensor);
        for (int step = 0; step < 10_000 && current.isPresent(); step++) {
            Tensor at = current.get();
            if (isNamed(at, given)) {
                return current;
            }
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

    /** Whether it is one of these tensors of the graph. */
    boolean isOneOf(Tensor tensor, Collection<String> names) {
        return isNamed(tensor, names(names));
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
        return reach(tensorNames, fed, Key::ofFunction, Integer.MAX_VALUE);
    }

    /**
     * Every node that the tensors need, a function's once for each call of it: what a function does may depend on what
     * it is given.
     *
     * @throws UnservableException if these are too many to be looked at
     */
    List<Tensor> reachInEachCall(Collection<String> tensorNames, Collection<String> fed) {
        return reach(tensorNames, fed, Key::ofCall, MOST_IN_EACH_CALL);
    }

    private List<Tensor> reach(
            Collection<String> tensorNames, Collection<String> fed, Function<Tensor, Key> keys, int most) {
        Set<TensorName> given = names(fed);
        Map<Key, Tensor> reached = new LinkedHashMap<>();
        Deque<Tensor> open = new ArrayDeque<>();
        tensorNames.forEach(name -> tensor(name).ifPresent(open::add));
        while (!open.isEmpty()) {
            Tensor tensor = open.remove();
            if (reached.putIfAbsent(keys.apply(tensor), tensor) != null) {
                continue;
            }
            if (reached.size() > most) {
                throw new UnservableException(
                        "its functions are called in more ways than can be looked at; export it with fewer of them");
            }
            for (String input : tensor.node.getInputList()) {
                resolve(tensor.body, input)
                        .filter(needed -> !isGiven(needed, input.startsWith("^"), given))
                        .ifPresent(open::add);
            }
            for (FunctionDef function : functionsOf(tensor.node)) {
                if (tensor.body.depth < DEEPEST) {
                    Body body = new Body(function.getNodeDefList(), function, tensor, tensor.body.depth + 1);
                    function.getNodeDefList().forEach(node -> {
                        Tensor inside = new Tensor(body, node, 0);
                        if (!reached.containsKey(keys.apply(inside))) {
                            open.add(inside);
                        }
                    });
                }
            }
        }
        return new ArrayList<>(reached.values());
    }

    /**
     * Whether nothing before it runs. Who waits for an operation, by a control input, waits for it whether its output is
     * given or not, unless it is a placeholder; and a placeholder with a default may be left alone.
     */
    private static boolean isGiven(Tensor needed, boolean control, Set<TensorName> given) {
        String operation = needed.node.getOp();
        return isNamed(needed, given)
                && !operation.equals("PlaceholderWithDefault")
                && (!control || operation.equals("Placeholder"));
    }

    private static boolean isNamed(Tensor tensor, Set<TensorName> names) {
        return tensor.isTopLevel() && names.contains(new TensorName(tensor.node.getName(), tensor.output));
    }

    private static Set<TensorName> names(Collection<String> written) {
        return written.stream().flatMap(name -> TensorName.of(name).stream()).collect(Collectors.toSet());
    }

    /** @param caller null where it does not matter who called */
    private record Key(
            String function, String node, @Nullable Key caller) {
        static Key ofFunction(Tensor tensor) {
            return of(tensor, null);
        }

        static Key ofCall(Tensor tensor) {
            return of(tensor, tensor.body.caller == null ? null : ofCall(tensor.body.caller));
        }

        private static Key of(Tensor tensor, @Nullable Key caller) {
            FunctionDef function = tensor.body.function;
            return new Key(function == null ? "" : function.getSignature().getName(), tensor.node.getName(), caller);
        }
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

    /** Every function that a node may run: those of calls, branches, loops and maps, and what stands in for them. */
    private List<FunctionDef> functionsOf(NodeDef node) {
        Set<String> named = new LinkedHashSet<>();
        named.add(node.getOp());
        node.getAttrMap().values().forEach(attribute -> addFunctions(attribute, named));
        List<FunctionDef> found = new ArrayList<>();
        Deque<String> open = new ArrayDeque<>(named);
        while (!open.isEmpty()) {
            FunctionDef function = functions.get(open.remove());
            if (function == null) {
                continue;
            }
            found.add(function);
            Set<String> further = new LinkedHashSet<>();
            // These are called where the node names no others.
            function.getSignature()
                    .getAttrList()
                    .forEach(attribute -> addFunctions(attribute.getDefaultValue(), further));
            standInFor(function).ifPresent(what -> further.addAll(standIns.getOrDefault(what, List.of())));
            further.stream().filter(named::add).forEach(open::add);
        }
        return found;
    }

    /** A function's attributes may be functions as well, for its body to call. */
    static void addFunctions(AttrValue attribute, Set<String> names) {
        List<NameAttrList> called = new ArrayList<>(attribute.getList().getFuncList());
        if (attribute.hasFunc()) {
            called.add(attribute.getFunc());
        }
        for (NameAttrList function : called) {
            names.add(function.getName());
            function.getAttrMap().values().forEach(inner -> addFunctions(inner, names));
        }
    }

    private static Optional<String> standInFor(FunctionDef function) {
        return Optional.ofNullable(function.getAttrMap().get(STANDS_IN_FOR))
                .map(what -> what.getS().toStringUtf8())
                .filter(Predicate.not(String::isEmpty));
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
