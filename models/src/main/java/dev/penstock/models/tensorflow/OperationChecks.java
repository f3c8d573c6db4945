package dev.penstock.models.tensorflow;

import dev.penstock.models.tensorflow.OperationList.Phase;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Whether operations may run, and can run here, as far as can be seen without running them: a model is a program, and
 * what it may do is what {@link OperationList} lists.
 */
final class OperationChecks {
    /** Operations of libraries that have no Java build, by the start of their names. */
    private static final Map<String, String> LIBRARIES = new TreeMap<>(Map.of(
            "SimpleML", "TensorFlow Decision Forests",
            "TFText>", "TensorFlow Text",
            "WordpieceTokenize", "TensorFlow Text",
            "Sentencepiece", "TensorFlow Text",
            "WhitespaceTokenize", "TensorFlow Text",
            "UnicodeScriptTokenize", "TensorFlow Text",
            "NormalizeUTF8", "TensorFlow Text",
            "CaseFoldUTF8", "TensorFlow Text",
            "RegexSplit", "TensorFlow Text",
            "Addons>", "TensorFlow Addons"));

    /** Whoever runs it sees what it prints; elsewhere it would be a file. */
    private static final Set<String> PRINTED_TO = Set.of("stderr", "stdout", "log(info)", "log(warning)", "log(error)");

    /** The name by which a function asks for the gradient of another, which no walk finds. */
    private static final String GRADIENT = "SymbolicGradient";

    /** Where operations of a single process run; numbers of devices do not matter, since TensorFlow places softly. */
    private static final Pattern HERE =
            Pattern.compile("(/job:localhost)?(/replica:0)?(/task:0)?(/(device:)?(?!job:|task:|replica:).*)?");

    /** The newest of each that TensorFlow 2.18 reads: tried with one and the same computation, written for each. */
    private static final long NEWEST_XLA_CALL = 9;

    private static final int NEWEST_STABLE_HLO = 8;
    private static final Pattern STABLE_HLO = Pattern.compile("StableHLO_v(\\d{1,4})\\.(\\d{1,4})\\.");

    private final GraphWalk walk;

    OperationChecks(GraphWalk walk) {
        this.walk = walk;
    }

    /**
     * Looks at every node of the graph, whether it runs or not: TensorFlow does so too when it loads the model. At
     * functions it looks when they are called.
     *
     * @throws UnservableException if one cannot be loaded here
     */
    void requireLoadable(List<NodeDef> loaded, Collection<GraphWalk.Tensor> reached) {
        requireKnown(reached.stream().map(GraphWalk.Tensor::node).toList(), loaded);
        loaded.forEach(OperationChecks::requireDevice);
    }

    /**
     * @param reached what runs then
     * @param when as a clause about one of them
     * @throws UnservableException if one may not run then, or cannot run here
     */
    void require(Collection<GraphWalk.Tensor> reached, Phase phase, String when) {
        for (GraphWalk.Tensor tensor : reached) {
            NodeDef node = tensor.node();
            requireDevice(node);
            refusal(node, phase).ifPresent(does -> {
                throw new UnservableException("it %s (%s) in %s, %s; a model may not: export it %s"
                        .formatted(does, nameOf(node), tensor.place(), when, remedy(does)));
            });
            if (node.getOp().equals("XlaCallModule")) {
                requireReadable(node);
            }
        }
    }

    private Optional<String> refusal(NodeDef node, Phase phase) {
        if (node.getOp().equals("PrintV2") && node.containsAttr("output_stream")) {
            String stream = attribute(node, "output_stream").getS().toStringUtf8();
            return PRINTED_TO.contains(stream) ? Optional.empty() : Optional.of("reads or writes files");
        }
        // A function may be called by its name, and what is in it is looked at as well.
        return walk.hasFunction(node.getOp()) && !Known.OPERATIONS.contains(node.getOp())
                ? Optional.empty()
                : OperationList.instance().refusal(nameOf(node), phase);
    }

    /** What it runs: itself, unless it asks for the gradient of a function. */
    private static String nameOf(NodeDef node) {
        Set<String> functions = new HashSet<>();
        node.getAttrMap().values().forEach(attribute -> GraphWalk.addFunctions(attribute, functions));
        return functions.contains(GRADIENT) ? GRADIENT : node.getOp();
    }

    private static String remedy(String does) {
        return switch (does) {
            case "calls Python code" -> "without tf.py_function and tf.numpy_function";
            case "reads or writes files" -> "without that, its vocabularies as assets";
            default -> "without that";
        };
    }

    private void requireKnown(Collection<NodeDef> reached, List<NodeDef> loaded) {
        Set<String> operations = reached.stream().map(NodeDef::getOp).collect(Collectors.toSet());
        loaded.forEach(node -> operations.add(node.getOp()));
        Set<String> unknown = unknown(operations);
        if (!unknown.isEmpty()) {
            throw new UnservableException(
                    "it uses operations that this build of TensorFlow does not have: %s; export it without them"
                            .formatted(unknown.stream()
                                    .map(OperationChecks::withLibrary)
                                    .collect(Collectors.joining(", "))));
        }
    }

    Set<String> unknown(Set<String> operations) {
        Set<String> unknown = new TreeSet<>(operations);
        unknown.removeIf(operation -> Known.OPERATIONS.contains(operation) || walk.hasFunction(operation));
        return unknown;
    }

    private static String withLibrary(String operation) {
        return LIBRARIES.entrySet().stream()
                .filter(library -> operation.startsWith(library.getKey()))
                .map(library -> "%s (of %s)".formatted(operation, library.getValue()))
                .findFirst()
                .orElse(operation);
    }

    /** Which device is left to TensorFlow; which machine is not. */
    private static void requireDevice(NodeDef node) {
        if (!node.getDevice().isEmpty() && !HERE.matcher(node.getDevice()).matches()) {
            throw new UnservableException(
                    "its operation '%s' is pinned to %s, a process of the cluster that trained it; export it outside of the cluster's strategy, or with clear_devices=True"
                            .formatted(node.getName(), node.getDevice()));
        }
    }

    /** A computation that JAX compiled: of a certain format, for certain devices. */
    private static void requireReadable(NodeDef node) {
        long version = attribute(node, "version").getI();
        // The format's version is written in the first bytes: https://mlir.llvm.org/docs/BytecodeFormat
        String head = attribute(node, "module")
                .getS()
                .substring(0, Math.min(64, attribute(node, "module").getS().size()))
                .toString(StandardCharsets.ISO_8859_1);
        Matcher written = STABLE_HLO.matcher(head);
        boolean newer = version > NEWEST_XLA_CALL
                || (written.find()
                        && (Integer.parseInt(written.group(1)) > 1
                                || Integer.parseInt(written.group(2)) > NEWEST_STABLE_HLO));
        if (newer) {
            throw new UnservableException(
                    "its computation was compiled by a JAX that is newer than TensorFlow %s (%scalling convention %d; it reads StableHLO_v1.%d and %d); export it with a JAX of the autumn of 2024, such as 0.4.34, or build it in TensorFlow"
                            .formatted(
                                    TensorFlow.version(),
                                    written.reset().find() ? written.group() + "x, " : "",
                                    version,
                                    NEWEST_STABLE_HLO,
                                    NEWEST_XLA_CALL));
        }
        List<String> platforms = attribute(node, "platforms").getList().getSList().stream()
                .map(platform -> platform.toStringUtf8())
                .toList();
        if (!platforms.isEmpty() && platforms.stream().noneMatch(platform -> platform.matches("CPU|CUDA|ROCM"))) {
            throw new UnservableException(
                    "its computation was compiled for %s alone; export it with native_serialization_platforms=('cpu', 'cuda')"
                            .formatted(String.join(", ", platforms)));
        }
    }

    private static AttrValue attribute(NodeDef node, String name) {
        return node.getAttrOrDefault(name, AttrValue.getDefaultInstance());
    }

    /** Asked of the native library, once. */
    private static final class Known {
        static final Set<String> OPERATIONS = TensorFlow.registeredOpList().getOpList().stream()
                .map(OpDef::getName)
                .collect(Collectors.toUnmodifiableSet());
    }
}
