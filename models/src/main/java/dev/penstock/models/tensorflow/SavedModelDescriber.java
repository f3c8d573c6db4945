package dev.penstock.models.tensorflow;

import dev.penstock.models.tensorflow.SavedModelDescription.Graph;
import dev.penstock.models.tensorflow.SavedModelDescription.Input;
import dev.penstock.models.tensorflow.SavedModelDescription.Output;
import dev.penstock.models.tensorflow.SavedModelDescription.Signature;
import dev.penstock.models.tensorflow.SavedModelDescription.Use;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Reads what a SavedModel says of itself. The model is not loaded, and nothing of it runs. */
public final class SavedModelDescriber {
    private SavedModelDescriber() {}

    /**
     * @param directory that {@code saved_model.pb} is in
     * @throws NoSavedModelException if there is none, with what is there instead
     */
    public static SavedModelDescription describe(Path directory) throws IOException {
        try {
            return new SavedModelDescription(SavedModelFile.read(directory).getMetaGraphsList().stream()
                    .map(graph -> new GraphDescriber(directory, graph).describe())
                    .toList());
        } catch (UnservableException e) {
            throw new NoSavedModelException("Cannot read a SavedModel: %s".formatted(e.why()), e);
        }
    }

    private static final class GraphDescriber {
        private final MetaGraphDef graph;
        private final GraphWalk walk;
        private final SignatureChecks checks;
        private final ScoreOutputs scores;

        GraphDescriber(Path directory, MetaGraphDef graph) {
            this.graph = graph;
            walk = new GraphWalk(graph);
            checks = new SignatureChecks(directory, graph, walk);
            scores = new ScoreOutputs(walk);
        }

        Graph describe() {
            List<FunctionDef> functions = graph.getGraphDef().getLibrary().getFunctionList();
            Set<String> operations = new TreeSet<>();
            Stream.concat(
                            graph.getGraphDef().getNodeList().stream(),
                            functions.stream().flatMap(function -> function.getNodeDefList().stream()))
                    .map(NodeDef::getOp)
                    .forEach(operations::add);
            long count = graph.getGraphDef().getNodeCount()
                    + functions.stream().mapToLong(FunctionDef::getNodeDefCount).sum();
            return new Graph(
                    MetaGraphs.tagsOf(graph),
                    graph.getMetaInfoDef().getTensorflowVersion(),
                    new TreeMap<>(graph.getSignatureDefMap())
                            .entrySet().stream()
                                    .filter(signature -> !Signatures.isInitialiser(signature.getKey()))
                                    .map(signature -> signature(signature.getKey(), signature.getValue()))
                                    .toList(),
                    MetaGraphs.assetsOf(graph).stream()
                            .map(asset -> asset.getFilename())
                            .distinct()
                            .sorted()
                            .toList(),
                    count,
                    new OperationChecks(walk).unknown(operations),
                    graph.hasSaverDef());
        }

        private Signature signature(String key, SignatureDef signature) {
            return new Signature(
                    key,
                    Signatures.isTraining(key, signature),
                    new TreeMap<>(signature.getInputsMap())
                            .entrySet().stream()
                                    .map(input -> input(input.getKey(), input.getValue(), signature))
                                    .toList(),
                    new TreeMap<>(signature.getOutputsMap())
                            .entrySet().stream()
                                    .map(output -> output(output.getKey(), output.getValue()))
                                    .toList(),
                    switches(signature),
                    refusal(key));
        }

        private Optional<String> refusal(String key) {
            try {
                checks.check(key);
                return Optional.empty();
            } catch (UnservableException e) {
                return Optional.of(e.why());
            }
        }

        private List<Input> switches(SignatureDef signature) {
            return checks.switches(signature).stream()
                    .map(tensor -> new Input(
                            tensor.node().getName() + ":0",
                            SignatureChecks.placeholderType(tensor.node())
                                    .map(ElementType::nameOf)
                                    .orElse(""),
                            Optional.of(List.of()),
                            Use.NUMBERS))
                    .toList();
        }

        private Input input(String key, TensorInfo input, SignatureDef signature) {
            return new Input(
                    key, ElementType.nameOf(input.getDtype()), shape(input.getTensorShape()), use(input, signature));
        }

        /** Of strings, by what the graph decodes; decoders are few, and one is enough to tell. */
        private Use use(TensorInfo input, SignatureDef signature) {
            if (ElementType.of(input.getDtype())
                    .filter(type -> type == ElementType.STRING)
                    .isEmpty()) {
                return Use.NUMBERS;
            }
            List<String> outputs = signature.getOutputsMap().values().stream()
                    .map(TensorInfo::getName)
                    .toList();
            for (GraphWalk.Tensor tensor : walk.reach(outputs, List.of())) {
                if (SignatureChecks.decodesImages(tensor)) {
                    return Use.IMAGE_FILE;
                }
                if (SignatureChecks.decodesAudio(tensor)) {
                    return Use.AUDIO_FILE;
                }
            }
            return Use.TEXT;
        }

        private Output output(String key, TensorInfo output) {
            return new Output(
                    key,
                    ElementType.nameOf(output.getDtype()),
                    shape(output.getTensorShape()),
                    new OutputOrigin(walk).of(output.getName()),
                    scores.unfit(output).isEmpty());
        }

        private static Optional<List<Long>> shape(TensorShapeProto shape) {
            return shape.getUnknownRank()
                    ? Optional.empty()
                    : Optional.of(shape.getDimList().stream()
                            .map(size -> Math.max(size.getSize(), -1))
                            .toList());
        }
    }
}
