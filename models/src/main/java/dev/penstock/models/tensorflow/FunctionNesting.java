package dev.penstock.models.tensorflow;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * How deep a graph's functions call each other. TensorFlow follows calls on the native stack, and without an end where a
 * function calls itself: the process dies of it, and with it whatever else it serves.
 */
final class FunctionNesting {
    /** Deeper than any export that was seen, and far from what the stack of a thread holds. */
    private static final int DEEPEST = 200;

    private final Map<String, Set<String>> calls = new HashMap<>();

    private FunctionNesting(MetaGraphDef graph) {
        for (FunctionDef function : graph.getGraphDef().getLibrary().getFunctionList()) {
            Set<String> called = new LinkedHashSet<>();
            function.getNodeDefList().forEach(node -> addCalls(node, called));
            calls.put(function.getSignature().getName(), called);
        }
        calls.values().forEach(called -> called.retainAll(calls.keySet()));
    }

    private static void addCalls(NodeDef node, Set<String> called) {
        called.add(node.getOp());
        node.getAttrMap().values().forEach(attribute -> GraphWalk.addFunctions(attribute, called));
    }

    /** @throws UnservableException if a function calls itself, by way of others or not, or calls are too deep */
    static void require(MetaGraphDef graph) {
        FunctionNesting nesting = new FunctionNesting(graph);
        Map<String, Integer> depths = new HashMap<>();
        nesting.calls.keySet().forEach(function -> nesting.measure(function, depths));
    }

    /** @param open the function and what is still to be looked at of what it calls */
    private record Visit(String function, Iterator<String> open) {}

    /** Without recursion, or a hostile graph would fill the stack of this thread. */
    private void measure(String start, Map<String, Integer> depths) {
        if (depths.containsKey(start)) {
            return;
        }
        Deque<Visit> path = new ArrayDeque<>();
        Set<String> onPath = new LinkedHashSet<>();
        enter(start, path, onPath);
        while (!path.isEmpty()) {
            Visit visit = path.element();
            if (!visit.open().hasNext()) {
                path.remove();
                onPath.remove(visit.function());
                depths.put(visit.function(), depthOf(visit.function(), depths));
                continue;
            }
            String called = visit.open().next();
            if (onPath.contains(called)) {
                throw new UnservableException(
                        "its function '%s' calls itself, which TensorFlow does not end; export it without recursion"
                                .formatted(called));
            }
            if (!depths.containsKey(called)) {
                enter(called, path, onPath);
            }
        }
    }

    private void enter(String function, Deque<Visit> path, Set<String> onPath) {
        path.push(new Visit(function, callsOf(function).iterator()));
        onPath.add(function);
    }

    private int depthOf(String function, Map<String, Integer> depths) {
        int depth = 1 + callsOf(function).stream().mapToInt(depths::get).max().orElse(0);
        if (depth > DEEPEST) {
            throw new UnservableException(
                    "its functions call each other more than %d deep; export it with fewer nested functions"
                            .formatted(DEEPEST));
        }
        return depth;
    }

    private Set<String> callsOf(String function) {
        return calls.getOrDefault(function, Set.of());
    }
}
