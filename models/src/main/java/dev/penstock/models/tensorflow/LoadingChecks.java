package dev.penstock.models.tensorflow;

import com.google.protobuf.ByteString;
import dev.penstock.models.tensorflow.OperationList.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.TensorInfo;

/**
 * What runs before anybody calls a model: loading it restores its variables and then runs its initialiser. Both have to
 * open files, which no call may: the first the file that the loader names, the second the model's own assets. That they
 * open no others is seen here. So is what saving variables writes, which training does.
 */
final class LoadingChecks {
    private static final Set<String> TABLE_FILES =
            Set.of("InitializeTableFromTextFile", "InitializeTableFromTextFileV2");
    private static final Set<String> RESTORING = Set.of("Restore", "RestoreSlice", "RestoreV2");
    private static final List<String> INITIALISERS =
            List.of("saved_model_main_op", "legacy_init_op", "table_initializer");

    private final MetaGraphDef graph;
    private final GraphWalk walk;
    private final OperationChecks operations;

    LoadingChecks(MetaGraphDef graph, GraphWalk walk, OperationChecks operations) {
        this.graph = graph;
        this.walk = walk;
        this.operations = operations;
    }

    /**
     * @param called what runs for calls
     * @throws UnservableException if loading runs what it may not, or cannot load what is called
     */
    void require(Collection<GraphWalk.Tensor> called) {
        List<GraphWalk.Tensor> initialising = initialising();
        List<GraphWalk.Tensor> restoring = restoring();
        operations.requireLoadable(
                graph.getGraphDef().getNodeList(),
                Stream.of(initialising, restoring, called)
                        .flatMap(Collection::stream)
                        .toList());
        operations.require(initialising, Phase.INITIALISING, "which runs when it is loaded");
        requireOwnTables(initialising, restoring);
        operations.require(restoring, Phase.RESTORING, "which restores its variables");
        requireOwnVariables(restoring);
    }

    private List<GraphWalk.Tensor> initialising() {
        Map<String, String> named = new TreeMap<>();
        for (String collection : INITIALISERS) {
            graph.getCollectionDefOrDefault(collection, CollectionDef.getDefaultInstance())
                    .getNodeList()
                    .getValueList()
                    .forEach(operation -> named.put(operation, collection));
        }
        graph.getSignatureDefMap().forEach((key, signature) -> {
            if (Signatures.isInitialiser(key)) {
                for (TensorInfo output : signature.getOutputsMap().values()) {
                    named.put(output.getName(), key);
                }
            }
        });
        named.remove("");
        named.forEach(this::requireThere);
        // What says where an asset was is not asked: TensorFlow is told where it is.
        return walk.reachInEachCall(named.keySet(), assets());
    }

    /** TensorFlow may read a name otherwise than it is read here. */
    private void requireThere(String operation, String where) {
        if (walk.tensor(operation).isEmpty()) {
            throw new UnservableException("its %s names the operation '%s', which is not in the graph; export it anew"
                    .formatted(where, operation));
        }
    }

    private List<String> assets() {
        return MetaGraphs.assetsOf(graph).stream()
                .map(asset -> asset.getTensorInfo().getName())
                .toList();
    }

    private List<GraphWalk.Tensor> restoring() {
        if (!graph.hasSaverDef()) {
            return List.of();
        }
        SaverDef saver = graph.getSaverDef();
        requireThere(saver.getRestoreOpName(), "saver");
        List<String> given = new ArrayList<>(assets());
        given.add(saver.getFilenameTensorName());
        return walk.reachInEachCall(List.of(saver.getRestoreOpName()), given);
    }

    /** A path that is no asset is one of the machine that made the model; here it may be any file. */
    private void requireOwnTables(List<GraphWalk.Tensor> initialising, List<GraphWalk.Tensor> restoring) {
        for (GraphWalk.Tensor table : initialising) {
            boolean kept = walk.input(table, 1)
                    .flatMap(walk::source)
                    .filter(path -> path.node().getOp().equals("ReadVariableOp"))
                    .isPresent();
            boolean own = kept
                    && Stream.concat(initialising.stream(), restoring.stream()).allMatch(this::putsAssetsAlone);
            if (TABLE_FILES.contains(table.node().getOp()) && !own) {
                named(table, 1, assets()).ifPresent(path -> {
                    throw new UnservableException(
                            "it fills a table from %s (%s in %s); export it with that file as an asset"
                                    .formatted(path, table.node().getOp(), table.place()));
                });
            }
        }
    }

    /** TensorFlow 2 keeps the paths of assets in variables; so no other text may be put into any while it loads. */
    private boolean putsAssetsAlone(GraphWalk.Tensor tensor) {
        String operation = tensor.node().getOp();
        boolean puts = operation.contains("Assign") || operation.contains("Scatter");
        boolean text = tensor.node().getAttrMap().values().stream()
                .anyMatch(attribute -> attribute.getType() == DataType.DT_STRING || attribute.hasPlaceholder());
        return !puts
                || !text
                || (operation.equals("AssignVariableOp")
                        && named(tensor, 1, assets()).isEmpty());
    }

    private void requireOwnVariables(List<GraphWalk.Tensor> restoring) {
        for (GraphWalk.Tensor restore : restoring) {
            if (RESTORING.contains(restore.node().getOp())) {
                List<String> own = List.of(graph.getSaverDef().getFilenameTensorName());
                named(restore, 0, own).ifPresent(path -> {
                    throw new UnservableException(
                            "it restores variables from %s (%s in %s), and not from the file that it is told; export it anew, and from a source that you trust"
                                    .formatted(path, restore.node().getOp(), restore.place()));
                });
            }
        }
    }

    /** Which file an input names, as far as can be told; empty if it is one of those that the loader names. */
    private Optional<String> named(GraphWalk.Tensor operation, int input, Collection<String> loaders) {
        Optional<GraphWalk.Tensor> source = walk.input(operation, input).flatMap(path -> walk.source(path, loaders));
        if (source.isPresent() && walk.isOneOf(source.get(), loaders)) {
            return Optional.empty();
        }
        return Optional.of(source.filter(tensor -> tensor.node().getOp().equals("Const"))
                .map(constant -> "the file '%s' of the machine that made it".formatted(texts(constant)))
                .orElse("a file whose name it makes up"));
    }

    private static String texts(GraphWalk.Tensor constant) {
        return constant
                .node()
                .getAttrOrDefault("value", AttrValue.getDefaultInstance())
                .getTensor()
                .getStringValList()
                .stream()
                .map(ByteString::toStringUtf8)
                .collect(Collectors.joining(", "));
    }

    /**
     * @param operation that draws first weights, if the graph has it
     * @throws UnservableException if drawing them runs what a call may not
     */
    void requireDrawing(String operation) {
        if (walk.tensor(operation).isPresent()) {
            operations.require(
                    walk.reachInEachCall(List.of(operation), List.of()),
                    Phase.CALLING,
                    "which draws its first weights");
        }
    }

    /** @throws UnservableException if saving its variables writes anywhere else than where it is told to */
    void requireSaving() {
        if (!graph.hasSaverDef()) {
            throw new UnservableException("it has no saver, so that what it learns cannot be kept; export it anew");
        }
        SaverDef saver = graph.getSaverDef();
        requireThere(saver.getSaveTensorName(), "saver");
        List<String> given = List.of(saver.getFilenameTensorName());
        List<GraphWalk.Tensor> saving = walk.reachInEachCall(List.of(saver.getSaveTensorName()), given);
        operations.require(saving, Phase.SAVING, "which saves its variables");
        for (GraphWalk.Tensor save : saving) {
            // Parts are written beside each other and then put together.
            List<Integer> paths =
                    switch (save.node().getOp()) {
                        case "SaveV2" -> List.of(0);
                        case "MergeV2Checkpoints" -> List.of(0, 1);
                        default -> List.of();
                    };
            for (int path : paths) {
                if (!walk.input(save, path).map(name -> isBelow(name, given, 0)).orElse(false)) {
                    throw new UnservableException(
                            "it saves its variables elsewhere than it is told to (%s in %s); export it anew, and from a source that you trust"
                                    .formatted(save.node().getOp(), save.place()));
                }
            }
        }
    }

    /** Whether a name is the one that is given, with something behind it that leads nowhere else. */
    private boolean isBelow(GraphWalk.Tensor name, List<String> given, int step) {
        Optional<GraphWalk.Tensor> source = walk.source(name, given);
        if (source.isEmpty() || step > 10) {
            return false;
        }
        GraphWalk.Tensor tensor = source.get();
        if (walk.isOneOf(tensor, given)) {
            return true;
        }
        return switch (tensor.node().getOp()) {
            case "ShardedFilename", "ShardedFilespec" -> isInputBelow(tensor, 0, given, step);
            case "StringJoin" -> isInputBelow(tensor, 0, given, step) && endsHarmlessly(tensor);
            case "Pack" -> dataInputs(tensor).allMatch(part -> isInputBelow(tensor, part, given, step));
            default -> false;
        };
    }

    private boolean isInputBelow(GraphWalk.Tensor tensor, int input, List<String> given, int step) {
        return walk.input(tensor, input)
                .map(part -> isBelow(part, given, step + 1))
                .orElse(false);
    }

    private static Stream<Integer> dataInputs(GraphWalk.Tensor tensor) {
        return Stream.iterate(0, input -> input + 1)
                .limit(tensor.node().getInputCount())
                .filter(input -> !tensor.node().getInput(input).startsWith("^"));
    }

    /** TensorFlow chooses between two endings: for file systems that rename cheaply, and for others. */
    private boolean endsHarmlessly(GraphWalk.Tensor join) {
        String separator = join.node()
                .getAttrOrDefault("separator", AttrValue.getDefaultInstance())
                .getS()
                .toStringUtf8();
        Set<String> endings = new TreeSet<>(Set.of(separator));
        boolean known = dataInputs(join)
                .skip(1)
                .map(input -> walk.input(join, input).flatMap(walk::source))
                .allMatch(source -> source.isPresent() && addTexts(source.get(), endings));
        // Where they are put together, no two points come to stand side by side.
        return known && endings.stream().noneMatch(ending -> ending.contains("..") || ending.endsWith("."));
    }

    private boolean addTexts(GraphWalk.Tensor source, Set<String> texts) {
        if (source.node().getOp().equals("Const")) {
            AttrValue value = source.node().getAttrOrDefault("value", AttrValue.getDefaultInstance());
            value.getTensor().getStringValList().forEach(text -> texts.add(text.toStringUtf8()));
            return value.getTensor().getStringValCount() > 0;
        }
        if (source.node().getOp().equals("Select") || source.node().getOp().equals("SelectV2")) {
            return Stream.of(1, 2)
                    .map(input -> walk.input(source, input).flatMap(walk::source))
                    .allMatch(
                            choice -> choice.filter(text -> text.node().getOp().equals("Const"))
                                    .map(text -> addTexts(text, texts))
                                    .orElse(false));
        }
        return false;
    }
}
