package dev.penstock.models.tensorflow;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** Whether a signature can serve at all, whatever its card says; nothing of the model runs for that. */
final class SignatureChecks {
    private static final Set<String> PLACEHOLDERS = Set.of("Placeholder", "PlaceholderWithDefault");
    private static final Set<String> EXAMPLE_PARSERS =
            Set.of("ParseExample", "ParseExampleV2", "ParseSingleExample", "ParseSequenceExample");
    private static final Set<String> VARIABLES = Set.of("VarHandleOp", "VariableV2", "Variable");

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

    private final Path savedModel;
    private final MetaGraphDef graph;
    private final GraphWalk walk;

    SignatureChecks(Path savedModel, MetaGraphDef graph, GraphWalk walk) {
        this.savedModel = savedModel;
        this.graph = graph;
        this.walk = walk;
    }

    /** @throws UnservableException if it cannot */
    void check(String key) {
        SignatureDef signature = graph.getSignatureDefOrThrow(key);
        if (signature.getInputsCount() == 0 || signature.getOutputsCount() == 0) {
            throw new UnservableException("its signature '%s' has %d inputs and %d outputs; name another one"
                    .formatted(key, signature.getInputsCount(), signature.getOutputsCount()));
        }
        new TreeMap<>(signature.getInputsMap()).forEach(this::input);
        new TreeMap<>(signature.getOutputsMap()).forEach(this::output);
        List<GraphWalk.Tensor> reached = walk.reach(signature.getOutputsMap().values().stream()
                .map(TensorInfo::getName)
                .toList());
        requireKnownOperations(reached);
        requireNoExamples(signature, reached);
        requireVariables(reached);
    }

    private void input(String key, TensorInfo input) {
        requireDense("input", key, input);
        if (ElementType.of(input.getDtype()).isEmpty()) {
            throw new UnservableException(
                    "its input '%s' is %s, which Penstock cannot fill; export a signature that takes float32, int32, int64, uint8, bool or string and casts"
                            .formatted(key, ElementType.nameOf(input.getDtype())));
        }
        GraphWalk.Tensor tensor = requireTensor("input", key, input);
        Optional<DataType> actual = placeholderType(tensor.node());
        if (actual.isPresent() && actual.get() != input.getDtype()) {
            throw new UnservableException(
                    "its input '%s' is %s in the signature and %s in the graph; export the model anew"
                            .formatted(key, ElementType.nameOf(input.getDtype()), ElementType.nameOf(actual.get())));
        }
    }

    private void output(String key, TensorInfo output) {
        requireDense("output", key, output);
        requireTensor("output", key, output);
    }

    private static void requireDense(String what, String key, TensorInfo tensor) {
        if (tensor.hasCooSparse() || tensor.hasCompositeTensor()) {
            throw new UnservableException("its %s '%s' is %s; export a signature whose tensors are all dense"
                    .formatted(what, key, tensor.hasCooSparse() ? "sparse" : "ragged or otherwise composite"));
        }
    }

    private GraphWalk.Tensor requireTensor(String what, String key, TensorInfo tensor) {
        return walk.tensor(tensor.getName())
                .orElseThrow(() -> new UnservableException(
                        "its %s '%s' names the tensor '%s', which is not in the graph; export the model anew"
                                .formatted(what, key, tensor.getName())));
    }

    static Optional<DataType> placeholderType(NodeDef node) {
        return PLACEHOLDERS.contains(node.getOp()) && node.containsAttr("dtype")
                ? Optional.of(node.getAttrOrThrow("dtype").getType())
                : Optional.empty();
    }

    /** The whole graph is checked when it is loaded; a function only when it is called. */
    private void requireKnownOperations(List<GraphWalk.Tensor> reached) {
        Set<String> unknown = unknownOperations(
                reached.stream().map(tensor -> tensor.node().getOp()).collect(Collectors.toSet()));
        unknown.addAll(unknownOperations(
                graph.getGraphDef().getNodeList().stream().map(NodeDef::getOp).collect(Collectors.toSet())));
        if (!unknown.isEmpty()) {
            throw new UnservableException(
                    "it uses operations that this build of TensorFlow does not have: %s; export it without them"
                            .formatted(unknown.stream()
                                    .map(SignatureChecks::withLibrary)
                                    .collect(Collectors.joining(", "))));
        }
    }

    Set<String> unknownOperations(Set<String> operations) {
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

    private void requireNoExamples(SignatureDef signature, List<GraphWalk.Tensor> reached) {
        examplesInput(signature, reached).ifPresent(key -> {
            throw new UnservableException(
                    "its input '%s' takes serialized tf.train.Example records; export a signature whose inputs are the features themselves"
                            .formatted(key));
        });
    }

    /** The input that is parsed as records of features, if one is. */
    Optional<String> examplesInput(SignatureDef signature, List<GraphWalk.Tensor> reached) {
        return reached.stream()
                .filter(tensor -> EXAMPLE_PARSERS.contains(tensor.node().getOp()))
                .flatMap(parser -> walk.input(parser, 0).flatMap(walk::source).stream())
                .flatMap(source -> signature.getInputsMap().entrySet().stream()
                        .filter(input ->
                                nodeOf(input.getValue()).equals(source.node().getName()))
                        .map(Map.Entry::getKey))
                .findFirst();
    }

    private static String nodeOf(TensorInfo tensor) {
        return tensor.getName().split(":", -1)[0];
    }

    /** Without them TensorFlow loads the model all the same, and every call fails. */
    private void requireVariables(List<GraphWalk.Tensor> reached) {
        boolean needed = graph.hasSaverDef()
                && reached.stream()
                        .anyMatch(tensor -> VARIABLES.contains(tensor.node().getOp()));
        if (needed && !Files.exists(savedModel.resolve("variables").resolve("variables.index"))) {
            throw new UnservableException(
                    "its variables/variables.index is missing; copy the whole directory that the model was exported to");
        }
    }

    /** Asked of the native library, once. */
    private static final class Known {
        static final Set<String> OPERATIONS = TensorFlow.registeredOpList().getOpList().stream()
                .map(OpDef::getName)
                .collect(Collectors.toUnmodifiableSet());
    }
}
