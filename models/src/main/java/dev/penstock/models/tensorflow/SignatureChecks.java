package dev.penstock.models.tensorflow;

import dev.penstock.models.card.ModelCard;
import dev.penstock.models.tensorflow.OperationList.Phase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Whether a signature can serve at all, whatever its card says; nothing of the model runs for that. */
final class SignatureChecks {
    private static final Set<String> PLACEHOLDERS = Set.of("Placeholder", "PlaceholderWithDefault");
    private static final Set<String> EXAMPLE_PARSERS =
            Set.of("ParseExample", "ParseExampleV2", "ParseSingleExample", "ParseSequenceExample");
    private static final Set<String> VARIABLES = Set.of("VarHandleOp", "VariableV2", "Variable");

    private static final Set<String> IMAGE_DECODERS = Set.of(
            "DecodeImage", "DecodePng", "DecodeJpeg", "DecodeAndCropJpeg", "DecodeBmp", "DecodeGif", "DecodeWebP");
    private static final Set<String> AUDIO_DECODERS = Set.of("DecodeWav", "DecodeAudio", "DecodeAudioV2");

    private final Path savedModel;
    private final MetaGraphDef graph;
    private final GraphWalk walk;
    private final OperationChecks operations;

    SignatureChecks(Path savedModel, MetaGraphDef graph, GraphWalk walk) {
        this.savedModel = savedModel;
        this.graph = graph;
        this.walk = walk;
        operations = new OperationChecks(walk);
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
        FunctionNesting.require(graph);
        List<GraphWalk.Tensor> reached = reached(signature);
        requireOperations(key, reached);
        requireNoExamples(signature, reached);
        requireNoBase64(reached);
        new ScoreOutputs(walk).requireOne(signature);
        SavedModelParts parts = new SavedModelParts(savedModel, graph);
        parts.requireVariables(reached.stream()
                .anyMatch(tensor -> VARIABLES.contains(tensor.node().getOp())));
        parts.requireAssets();
        switches(signature).forEach(SignatureChecks::requireScalar);
    }

    /** @throws UnservableException if loading the model or calling the signature runs what it may not */
    void requireTrainable(String key) {
        requireOperations(key, reached(graph.getSignatureDefOrThrow(key)));
    }

    private void requireOperations(String key, List<GraphWalk.Tensor> reached) {
        new LoadingChecks(graph, walk, operations).require(reached);
        operations.require(reached, Phase.CALLING, "which its signature '%s' runs".formatted(key));
    }

    /** What a call of the signature runs. */
    private List<GraphWalk.Tensor> reached(SignatureDef signature) {
        return walk.reach(names(signature.getOutputsMap()), names(signature.getInputsMap()));
    }

    private static List<String> names(Map<String, TensorInfo> tensors) {
        return tensors.values().stream().map(TensorInfo::getName).toList();
    }

    /**
     * Placeholders that a call needs and the signature leaves out, such as {@code keep_prob:0}: graphs of TensorFlow 1
     * have them where serving and training differ. A card can fill them with constants.
     */
    List<GraphWalk.Tensor> switches(SignatureDef signature) {
        return reached(signature).stream()
                .filter(tensor -> tensor.isTopLevel() && tensor.node().getOp().equals("Placeholder"))
                .filter(tensor -> signature.getInputsMap().values().stream()
                        .noneMatch(input -> nodeOf(input).equals(tensor.node().getName())))
                .toList();
    }

    /** @throws UnservableException if the card leaves a switch of the signature open */
    void requireSwitches(String key, ModelCard card) {
        for (GraphWalk.Tensor placeholder : switches(graph.getSignatureDefOrThrow(key))) {
            String name = placeholder.node().getName() + ":0";
            if (card.inputs().stream().noneMatch(input -> input.name().equals(name))) {
                throw new UnservableException(
                        "it needs a value for '%s', which its signature leaves out; add it to the card's inputs, such as '\"%s\": {constant: %s}'"
                                .formatted(
                                        name,
                                        name,
                                        placeholderType(placeholder.node())
                                                        .filter(DataType.DT_BOOL::equals)
                                                        .isPresent()
                                                ? "false"
                                                : "1.0"));
            }
        }
    }

    private static void requireScalar(GraphWalk.Tensor placeholder) {
        TensorShapeProto shape = placeholder
                .node()
                .getAttrOrDefault("shape", AttrValue.getDefaultInstance())
                .getShape();
        if (shape.getDimCount() > 0) {
            throw new UnservableException(
                    "it needs a value for '%s:0', which its signature leaves out; export a signature with all inputs"
                            .formatted(placeholder.node().getName()));
        }
    }

    private void input(String key, TensorInfo input) {
        requireDense("input", key, input);
        if (ElementType.of(input.getDtype()).isEmpty()) {
            throw new UnservableException(
                    "its input '%s' is %s, which Penstock cannot fill; export a signature that takes float32, float64, float16, bfloat16, int32, int64, uint8, bool or string and casts"
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
        if (tensor.getTensorShape().getDimList().stream().anyMatch(size -> size.getSize() > Integer.MAX_VALUE)) {
            throw new UnservableException(
                    "its %s '%s' has sizes that no tensor has here; export the model anew".formatted(what, key));
        }
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

    /** Whatever is decoded from files, the operation's first input is the file. */
    private void requireNoBase64(List<GraphWalk.Tensor> reached) {
        boolean encodedTwice = reached.stream()
                .filter(tensor -> decodesImages(tensor) || decodesAudio(tensor))
                .flatMap(decoder -> walk.input(decoder, 0).flatMap(walk::source).stream())
                .anyMatch(source -> source.node().getOp().equals("DecodeBase64"));
        if (encodedTwice) {
            throw new UnservableException(
                    "it takes files as base64 text, and Penstock gives it their bytes; export a signature without tf.io.decode_base64");
        }
    }

    static boolean decodesImages(GraphWalk.Tensor tensor) {
        return IMAGE_DECODERS.contains(tensor.node().getOp());
    }

    static boolean decodesAudio(GraphWalk.Tensor tensor) {
        return AUDIO_DECODERS.contains(tensor.node().getOp());
    }

    private static String nodeOf(TensorInfo tensor) {
        return tensor.getName().split(":", -1)[0];
    }
}
