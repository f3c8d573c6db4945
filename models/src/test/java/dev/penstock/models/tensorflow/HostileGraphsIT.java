package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.ECHO_CARD;
import static dev.penstock.models.tensorflow.Strangers.freshIn;
import static dev.penstock.models.tensorflow.Strangers.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.card.ModelCardReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.HashTable;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Print;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * SavedModels that would reach out of the process, each by another way, are refused by the name of the operation before
 * anything of them runs. Those that write are loaded and called by TensorFlow alone as well: there the witness appears,
 * so that it is no accident that it does not appear here.
 */
class HostileGraphsIT {
    private static final String SIGNATURE = "which its signature 'serving_default' runs";
    private static final String LOADED = "which runs when it is loaded";
    private static final String RESTORES = "which restores its variables";

    @TempDir
    Path directory;

    /** Makes a SavedModel whose graph would read or write the witness. */
    private interface Maker {
        Path make(Path directory, Path witness) throws IOException;
    }

    /**
     * @param writes whether the witness appears where nobody looks at the graph first
     * @param refusal words of it
     */
    private record Hostile(String name, boolean writes, List<String> refusal, Maker maker) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Hostile writing(String name, Maker maker, String... refusal) {
        return new Hostile(name, true, List.of(refusal), maker);
    }

    private static Hostile other(String name, Maker maker, String... refusal) {
        return new Hostile(name, false, List.of(refusal), maker);
    }

    static Stream<Hostile> hostile() {
        return Stream.of(
                writing(
                        "PrintV2 to a file",
                        before((tf, file) -> tf.print(tf.constant("x"), Print.outputStream("file://" + file))),
                        "reads or writes files (PrintV2) in operation",
                        SIGNATURE),
                writing("WriteFile", before(HostileGraphsIT::write), "(WriteFile)", SIGNATURE),
                writing(
                        "SaveV2 in the initialiser",
                        initialisedBy((tf, file) -> tf.train.save(
                                tf.constant(file), tf.array("x"), tf.array(""), List.of(tf.constant(1f)))),
                        "reads or writes files (SaveV2)",
                        LOADED),
                writing("WriteFile while restoring", HostileGraphsIT::restoringThatWrites, "(WriteFile)", RESTORES),
                writing(
                        "WriteFile in nested functions",
                        HostileGraphsIT::nested,
                        "(WriteFile) in operation",
                        "of function 'inner",
                        SIGNATURE),
                writing(
                        "WriteFile in one branch",
                        HostileGraphsIT::branching,
                        "(WriteFile) in operation",
                        "of function 'inner",
                        SIGNATURE),
                writing("WriteFile before an input", HostileGraphsIT::beforeAnInput, "(WriteFile)", SIGNATURE),
                writing("WriteFile before a default", HostileGraphsIT::beforeADefault, "(WriteFile)", SIGNATURE),
                writing("WriteFile in a pbtxt", HostileGraphsIT::inText, "(WriteFile)", SIGNATURE),
                other(
                        "ReadFile",
                        before((tf, file) -> tf.io.readFile(tf.constant(file))),
                        "reads or writes files (ReadFile)",
                        SIGNATURE),
                other("WholeFileReader", before(HostileGraphsIT::wholeFile), "(ReaderReadV2)", SIGNATURE),
                other(
                        "MatchingFiles",
                        before((tf, file) -> tf.io.matchingFiles(tf.constant(file + "*"))),
                        "(MatchingFiles)",
                        SIGNATURE),
                other(
                        "ImmutableConst of a file",
                        before((tf, file) -> raw(tf, "ImmutableConst", operation -> operation
                                .setAttr("dtype", DataType.DT_FLOAT)
                                .setAttr("shape", Shape.of(1))
                                .setAttr("memory_region_name", file))),
                        "(ImmutableConst)",
                        SIGNATURE),
                other(
                        "dataset from a file",
                        before(HostileGraphsIT::dataset),
                        "reads data sets of its own (DatasetToSingleElement)",
                        SIGNATURE),
                other(
                        "table from another text file",
                        initialisedBy((tf, file) -> table(tf, tf.constant(file))),
                        "it fills a table from the file '",
                        "(InitializeTableFromTextFile"),
                other(
                        "table from a text file whose name is made up",
                        initialisedBy((tf, file) ->
                                table(tf, tf.strings.join(List.of(tf.constant("/"), tf.constant(file.substring(1)))))),
                        "it fills a table from a file whose name it makes up"),
                other(
                        "table from a text file whose name is kept in a variable",
                        initialisedBy(HostileGraphsIT::tableByVariable),
                        "it fills a table from a file whose name it makes up"),
                other(
                        "table from a text file on each call",
                        before((tf, file) -> table(tf, tf.constant(file))),
                        "fills tables (InitializeTableFromTextFile",
                        SIGNATURE),
                other(
                        "hijacked restore",
                        HostileGraphsIT::hijackedRestore,
                        "it restores variables from the file '",
                        "(RestoreV2 in operation"),
                other(
                        "hijacked restore by the second call of a function",
                        HostileGraphsIT::hijackedSecondRestore,
                        "it restores variables from the file '",
                        "of function 'restore"),
                other(
                        "PyFunc",
                        before((tf, file) -> raw(tf, "PyFunc", operation -> operation
                                .addInputList(new org.tensorflow.Output<?>[0])
                                .setAttr("token", "pyfunc_0")
                                .setAttr("Tin", new DataType[0])
                                .setAttr("Tout", new DataType[] {DataType.DT_FLOAT}))),
                        "calls Python code (PyFunc)",
                        SIGNATURE),
                other("RpcCall", HostileGraphsIT::remoteCall, "talks to other processes (RpcCall)", SIGNATURE),
                other(
                        "summary writer",
                        before(HostileGraphsIT::summaryWriter),
                        "writes a log of its training (CreateSummaryFileWriter)",
                        SIGNATURE),
                other(
                        "debugger's copy",
                        before((tf, file) -> raw(tf, "DebugIdentity", operation -> operation
                                .addInput(tf.constant(1f).asOutput())
                                .setAttr("debug_urls", new String[] {"file://" + file}))),
                        "writes what a debugger reads (DebugIdentity)",
                        SIGNATURE),
                other(
                        "Abort",
                        before((tf, file) -> raw(tf, "Abort", operation -> operation)),
                        "ends the process (Abort)",
                        SIGNATURE),
                other("function that stands in", HostileGraphsIT::standIn, "(WriteFile)", "of function 'inner"),
                other("function as a function's attribute", HostileGraphsIT::attribute, "(WriteFile)", SIGNATURE),
                other("gradient of a function", HostileGraphsIT::gradient, "(SymbolicGradient)", SIGNATURE),
                other(
                        "initialiser that is not there",
                        HostileGraphsIT::unreadableInitialiser,
                        "its saved_model_main_op names the operation '^harm'"));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void isRefusedByNameAndDoesNotRun(Hostile hostile) throws Exception {
        Path witness = directory.resolve("witness");
        Path savedModel = hostile.maker().make(directory, witness);

        assertThatThrownBy(() -> load(directory, ECHO_CARD, savedModel))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageStartingWith("Cannot load model 'stranger' version 7: it")
                .hasMessageContainingAll(hostile.refusal().toArray(String[]::new))
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
        assertThatThrownBy(() ->
                        TrainingChecks.require(ModelCardReader.read(ECHO_CARD), savedModel, List.of("serving_default")))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageStartingWith("Cannot train model 'stranger' version 7: it")
                .hasMessageContainingAll(hostile.refusal().toArray(String[]::new));
        assertThat(SavedModelDescriber.describe(savedModel)
                        .graphs()
                        .get(0)
                        .signatures()
                        .get(0)
                        .refusal())
                .isPresent();
        assertNothingWritten();
    }

    private void assertNothingWritten() throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            assertThat(found)
                    .noneMatch(file -> String.valueOf(file.getFileName()).startsWith("witness"));
        }
    }

    static Stream<Hostile> thatWrite() {
        return hostile().filter(Hostile::writes);
    }

    @ParameterizedTest
    @MethodSource("thatWrite")
    void wouldDoItWhereNobodyLooked(Hostile hostile) throws Exception {
        Path witness = directory.resolve("witness");
        Path savedModel = hostile.maker().make(directory, witness);

        try (SavedModelBundle bundle = SavedModelBundle.load(savedModel.toString(), "serve");
                TFloat32 x = TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1, 2}}))) {
            SignatureDef signature = bundle.metaGraphDef().getSignatureDefOrThrow("serving_default");
            try (Result result = bundle.session()
                    .runner()
                    .feed(signature.getInputsOrThrow("x").getName(), x)
                    .fetch(signature.getOutputsOrThrow("y").getName())
                    .run()) {
                assertThat(result.size()).isEqualTo(1);
            }
        }

        try (Stream<Path> found = Files.list(directory)) {
            assertThat(found)
                    .anyMatch(file -> String.valueOf(file.getFileName()).startsWith("witness"));
        }
    }

    static Stream<PublishedModelsIT.Published> benign() {
        return PublishedModelsIT.serving();
    }

    @ParameterizedTest
    @MethodSource("benign")
    void acceptsWhatExportersWrite(PublishedModelsIT.Published published) throws Exception {
        Path savedModel = published.unpack(freshIn(directory));

        assertThat(SavedModelDescriber.describe(savedModel).graphs().stream()
                        .flatMap(graph -> graph.signatures().stream())
                        .map(signature -> signature.refusal()))
                .isNotEmpty()
                .allMatch(refusal -> refusal.isEmpty());
    }

    @Test
    void refusesToTrainWhatSavesElsewhere() throws Exception {
        Path witness = directory.resolve("witness");
        Path savedModel = hijackedSave(directory, witness);

        assertThatThrownBy(() -> TrainingChecks.require(ModelCardReader.read(ECHO_CARD), savedModel, List.of()))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("it saves its variables elsewhere than it is told to (SaveV2 in operation");
        assertNothingWritten();
    }

    @Test
    void refusesToTrainWhatDoesHarmWhenItDrawsFirstWeights() throws Exception {
        Path witness = directory.resolve("witness");
        Path savedModel = withSaver(directory, (tf, file) -> {
            save(tf, file);
            tf.withControlDependencies(restored(tf, file)).withName("restore").noOp();
            tf.withControlDependencies(write(tf, witness.toString()))
                    .withName(TrainingChecks.INITIALISE)
                    .noOp();
        });

        assertThatThrownBy(() -> TrainingChecks.require(ModelCardReader.read(ECHO_CARD), savedModel, List.of()))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContainingAll("reads or writes files (WriteFile)", "which draws its first weights");
        assertNothingWritten();
    }

    private static Op write(Ops tf, String file) {
        return tf.io.writeFile(tf.constant(file), tf.constant("x"));
    }

    private static Op raw(Ops tf, String operation, UnaryOperator<OperationBuilder> definition) {
        Operation built = definition
                .apply(tf.scope().opBuilder(operation, "harm_" + operation))
                .build();
        return () -> built;
    }

    private static Placeholder<TFloat32> input(Ops tf) {
        return tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
    }

    /** Scores its input, after the harm was done. */
    private static Maker before(BiFunction<Ops, String, Op> harm) {
        return (directory, witness) -> echo(
                directory,
                (fixture, x) -> fixture.tf()
                        .withControlDependencies(harm.apply(fixture.tf(), witness.toString()))
                        .identity(x),
                graph -> graph);
    }

    private static Path echo(
            Path directory,
            BiFunction<GraphFixture, Operand<TFloat32>, Operand<TFloat32>> output,
            UnaryOperator<MetaGraphDef.Builder> change)
            throws IOException {
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<TFloat32> x = input(fixture.tf());
            Operand<TFloat32> y = output.apply(fixture, x);
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", y));
            return GraphFixture.write(
                    freshIn(directory), change.apply(fixture.metaGraph()).build());
        }
    }

    private static Maker initialisedBy(BiFunction<Ops, String, Op> harm) {
        return (directory, witness) -> {
            String[] name = new String[1];
            return echo(
                    directory,
                    (fixture, x) -> {
                        name[0] = harm.apply(fixture.tf(), witness.toString())
                                .op()
                                .name();
                        return fixture.tf().identity(x);
                    },
                    graph -> withInitialiser(graph, name[0]));
        };
    }

    private static MetaGraphDef.Builder withInitialiser(MetaGraphDef.Builder graph, String operation) {
        return graph.putCollectionDef(
                "saved_model_main_op",
                CollectionDef.newBuilder()
                        .setNodeList(CollectionDef.NodeList.newBuilder().addValue(operation))
                        .build());
    }

    private static Path unreadableInitialiser(Path directory, Path witness) throws IOException {
        return echo(
                directory,
                (fixture, x) -> {
                    write(fixture.tf().withName("harm"), witness.toString());
                    return fixture.tf().identity(x);
                },
                graph -> withInitialiser(graph, "^harm"));
    }

    private static Op table(Ops tf, Operand<TString> file) {
        HashTable table = tf.hashTable(TString.class, TInt64.class);
        return tf.initializeTableFromTextFile(table, file, -2L, -1L);
    }

    /** As TensorFlow 2 keeps the paths of assets, but that this one is none. */
    private static Op tableByVariable(Ops tf, String file) {
        Operand<?> kept = tf.varHandleOp(TString.class, Shape.scalar());
        Op keep = tf.assignVariableOp(kept, tf.constant(file));
        return table(tf, tf.withControlDependencies(keep).readVariableOp(kept, TString.class));
    }

    private static Op wholeFile(Ops tf, String file) {
        Op queue = raw(
                tf,
                "FIFOQueueV2",
                operation -> operation.setAttr("component_types", new DataType[] {DataType.DT_STRING}));
        Op filled = raw(tf, "QueueEnqueueV2", operation -> operation
                .addInput(queue.op().output(0))
                .addInputList(new org.tensorflow.Output<?>[] {tf.constant(file).asOutput()}));
        Op reader = tf.io.wholeFileReader();
        return raw(tf, "ReaderReadV2", operation -> operation
                .addInput(reader.op().output(0))
                .addInput(queue.op().output(0))
                .addControlInput(filled.op()));
    }

    private static Op dataset(Ops tf, String file) {
        Op lines = raw(tf, "TextLineDataset", operation -> operation
                .addInput(tf.constant(file).asOutput())
                .addInput(tf.constant("").asOutput())
                .addInput(tf.constant(0L).asOutput()));
        return raw(tf, "DatasetToSingleElement", operation -> operation
                .addInput(lines.op().output(0))
                .setAttr("output_types", new DataType[] {DataType.DT_STRING})
                .setAttr("output_shapes", new Shape[] {Shape.scalar()}));
    }

    /** Written by hand, since graphs with it cannot be built here. */
    private static Path remoteCall(Path directory, Path witness) throws IOException {
        return echo(directory, (fixture, x) -> fixture.tf().withName("y").identity(x), graph -> {
            for (NodeDef.Builder node : graph.getGraphDefBuilder().getNodeBuilderList()) {
                if (node.getName().equals("y")) {
                    node.addInput("^call");
                }
            }
            graph.getGraphDefBuilder()
                    .addNode(NodeDef.newBuilder()
                            .setName("address")
                            .setOp("Const")
                            .putAttr("dtype", type(DataType.DT_STRING))
                            .putAttr(
                                    "value",
                                    AttrValue.newBuilder()
                                            .setTensor(TensorProto.newBuilder()
                                                    .setDtype(DataType.DT_STRING)
                                                    .addStringVal(ByteString.copyFromUtf8("localhost:9")))
                                            .build()))
                    .addNode(NodeDef.newBuilder()
                            .setName("timeout")
                            .setOp("Const")
                            .putAttr("dtype", type(DataType.DT_INT64))
                            .putAttr(
                                    "value",
                                    AttrValue.newBuilder()
                                            .setTensor(TensorProto.newBuilder()
                                                    .setDtype(DataType.DT_INT64)
                                                    .addInt64Val(1_000))
                                            .build()))
                    .addNode(NodeDef.newBuilder()
                            .setName("client")
                            .setOp("RpcClient")
                            .addInput("address")
                            .addInput("timeout"))
                    .addNode(NodeDef.newBuilder()
                            .setName("call")
                            .setOp("RpcCall")
                            .addInput("client")
                            .addInput("address")
                            .addInput("timeout")
                            .putAttr(
                                    "Tin",
                                    AttrValue.newBuilder()
                                            .setList(AttrValue.ListValue.getDefaultInstance())
                                            .build()));
            return graph;
        });
    }

    private static AttrValue type(DataType type) {
        return AttrValue.newBuilder().setType(type).build();
    }

    private static Op summaryWriter(Ops tf, String file) {
        Op writer = raw(tf, "SummaryWriter", operation -> operation);
        return raw(tf, "CreateSummaryFileWriter", operation -> operation
                .addInput(writer.op().output(0))
                .addInput(tf.constant(file).asOutput())
                .addInput(tf.constant(10).asOutput())
                .addInput(tf.constant(1_000).asOutput())
                .addInput(tf.constant("x").asOutput()));
    }

    /** Hands on its input, after it wrote. */
    private static ConcreteFunction inner(Path witness) {
        return function("inner", (tf, x) -> tf.withControlDependencies(write(tf, witness.toString()))
                .identity(x));
    }

    private static ConcreteFunction function(
            String name, BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>> definition) {
        return ConcreteFunction.create(tf -> {
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            return Signature.builder(name)
                    .input("x", x)
                    .output("y", definition.apply(tf, x))
                    .build();
        });
    }

    @SuppressWarnings("unchecked")
    private static Operand<TFloat32> call(ConcreteFunction function, Ops tf, Operand<?> x) {
        return (Operand<TFloat32>) function.call(tf, x);
    }

    private static Path nested(Path directory, Path witness) throws IOException {
        try (ConcreteFunction inner = inner(witness);
                ConcreteFunction middle = function("middle", (tf, x) -> call(inner, tf, x));
                ConcreteFunction outer = function("outer", (tf, x) -> call(middle, tf, x))) {
            return echo(directory, (fixture, x) -> call(outer, fixture.tf(), x), graph -> graph);
        }
    }

    private static Path branching(Path directory, Path witness) throws IOException {
        try (ConcreteFunction inner = inner(witness);
                ConcreteFunction other = function("other", (tf, x) -> tf.identity(x))) {
            return echo(
                    directory,
                    (fixture, x) -> {
                        Ops tf = fixture.tf();
                        Operand<?> positive =
                                tf.math.greater(tf.reduceSum(x, tf.constant(new int[] {0, 1})), tf.constant(0f));
                        return tf.<TFloat32>identity(branchOf(tf, positive, x, inner, other));
                    },
                    graph -> graph);
        }
    }

    @SuppressWarnings("unchecked")
    private static Operand<TFloat32> branchOf(
            Ops tf, Operand<?> condition, Operand<?> x, ConcreteFunction then, ConcreteFunction otherwise) {
        return (Operand<TFloat32>) (Operand<?>) tf.ifOp(condition, List.of(x), List.of(TFloat32.class), then, otherwise)
                .output()
                .get(0);
    }

    /** The input is no placeholder but an operation: its output is given, and who waits for it still waits. */
    private static Path beforeAnInput(Path directory, Path witness) throws IOException {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Operand<TFloat32> x = tf.withControlDependencies(write(tf, witness.toString()))
                    .identity(tf.constant(new float[][] {{1, 2}}));
            Operand<TFloat32> y = tf.withControlDependencies(x).identity(tf.constant(new float[][] {{1, 2}}));
            return fixture.signature("serving_default", Map.of("x", x), Map.of("y", y))
                    .write(freshIn(directory));
        }
    }

    /** An input with a default need not be given. */
    private static Path beforeADefault(Path directory, Path witness) throws IOException {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = input(tf);
            Operand<TFloat32> usual =
                    tf.withControlDependencies(write(tf, witness.toString())).identity(tf.constant(1f));
            Operand<TFloat32> scale = tf.placeholderWithDefault(usual, Shape.scalar());
            return fixture.signature(
                            "serving_default", Map.of("x", x, "scale", scale), Map.of("y", tf.math.mul(x, scale)))
                    .write(freshIn(directory));
        }
    }

    private static Path inText(Path directory, Path witness) throws IOException {
        Path savedModel = before(HostileGraphsIT::write).make(directory, witness);
        Path binary = savedModel.resolve("saved_model.pb");
        SavedModel model = SavedModel.parseFrom(Files.readAllBytes(binary));
        Files.writeString(
                savedModel.resolve("saved_model.pbtxt"), TextFormat.printer().printToString(model));
        Files.delete(binary);
        return savedModel;
    }

    /** A saver whose operations are the fixture's. */
    private static MetaGraphDef.Builder withSaver(
            MetaGraphDef.Builder graph, String file, String save, String restore) {
        return graph.setSaverDef(SaverDef.newBuilder()
                .setFilenameTensorName(file + ":0")
                .setSaveTensorName(save)
                .setRestoreOpName(restore)
                .setVersion(SaverDef.CheckpointFormatVersion.V2));
    }

    private static Path withSaver(Path directory, BiConsumer<Ops, Operand<TString>> definition) throws IOException {
        return echo(
                directory,
                (fixture, x) -> {
                    Ops tf = fixture.tf();
                    definition.accept(tf, tf.withName("file").placeholder(TString.class));
                    return tf.identity(x);
                },
                graph -> withSaver(graph, "file", "save:0", "restore"));
    }

    private static void save(Ops tf, Operand<TString> file) {
        Op saved = tf.train.save(file, names(tf), slices(tf), List.of(tf.constant(1f)));
        tf.withControlDependencies(saved).withName("save").identity(file);
    }

    private static Operand<TString> names(Ops tf) {
        return tf.array("x");
    }

    private static Operand<TString> slices(Ops tf) {
        return tf.array("");
    }

    private static Operand<?> restored(Ops tf, Operand<TString> file) {
        return tf.train
                .restore(file, names(tf), slices(tf), List.of(TFloat32.class))
                .tensors()
                .get(0);
    }

    private static Path restoringThatWrites(Path directory, Path witness) throws IOException {
        Path savedModel = withSaver(directory, (tf, file) -> {
            save(tf, file);
            tf.withControlDependencies(write(tf, witness.toString()))
                    .withName("restore")
                    .noOp();
        });
        // Where there are no variables TensorFlow restores none.
        Path variables = Files.createDirectory(savedModel.resolve("variables"));
        Files.writeString(variables.resolve("variables.index"), "");
        Files.writeString(variables.resolve("variables.data-00000-of-00001"), "");
        return savedModel;
    }

    private static Path hijackedRestore(Path directory, Path witness) throws IOException {
        return withSaver(directory, (tf, file) -> {
            save(tf, file);
            Operand<?> own = restored(tf, file);
            Operand<?> foreign = restored(tf, tf.constant(witness.toString()));
            tf.withControlDependencies(own, foreign).withName("restore").noOp();
        });
    }

    private static Path hijackedSecondRestore(Path directory, Path witness) throws IOException {
        try (ConcreteFunction restore = ConcreteFunction.create(tf -> {
            Placeholder<TString> file = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
            return Signature.builder("restore")
                    .input("file", file)
                    .output("y", restored(tf, file))
                    .build();
        })) {
            return withSaver(directory, (tf, file) -> {
                save(tf, file);
                Operand<?> own = restore.call(tf, file);
                Operand<?> foreign = restore.call(tf, tf.constant(witness.toString()));
                tf.withControlDependencies(own, foreign).withName("restore").noOp();
            });
        }
    }

    private static Path hijackedSave(Path directory, Path witness) throws IOException {
        return withSaver(directory, (tf, file) -> {
            save(tf, tf.constant(witness.toString()));
            tf.withControlDependencies(restored(tf, file)).withName("restore").noOp();
        });
    }

    /** Calls a function that does no harm; another one, that nobody calls, is in the graph as well. */
    private static Path besides(Path directory, Path witness, Consumer<GraphDef.Builder> change) throws IOException {
        try (ConcreteFunction inner = inner(witness);
                ConcreteFunction called = function("called", (tf, x) -> tf.identity(x))) {
            return echo(
                    directory,
                    (fixture, x) -> {
                        call(inner, fixture.tf().withName("never"), x);
                        return call(called, fixture.tf(), x);
                    },
                    graph -> {
                        change.accept(graph.getGraphDefBuilder());
                        return graph;
                    });
        }
    }

    private static Path standIn(Path directory, Path witness) throws IOException {
        return besides(directory, witness, graph -> {
            for (FunctionDef.Builder function : graph.getLibraryBuilder().getFunctionBuilderList()) {
                function.putAttr("api_implements", text("one"));
            }
        });
    }

    private static AttrValue text(String text) {
        return AttrValue.newBuilder()
                .setS(ByteString.copyFrom(text, StandardCharsets.UTF_8))
                .build();
    }

    private static Path attribute(Path directory, Path witness) throws IOException {
        return besides(directory, witness, graph -> {
            for (NodeDef.Builder node : graph.getNodeBuilderList()) {
                String called = node.getAttrOrDefault("f", AttrValue.getDefaultInstance())
                        .getFunc()
                        .getName();
                if (called.startsWith("called")) {
                    node.putAttr(
                            "f",
                            AttrValue.newBuilder()
                                    .setFunc(NameAttrList.newBuilder()
                                            .setName(called)
                                            .putAttr("g", functionNamed(innerOf(graph))))
                                    .build());
                }
            }
        });
    }

    private static String innerOf(GraphDef.Builder graph) {
        return graph.getLibrary().getFunctionList().stream()
                .map(function -> function.getSignature().getName())
                .filter(name -> name.startsWith("inner"))
                .findFirst()
                .orElseThrow();
    }

    private static AttrValue functionNamed(String name) {
        return AttrValue.newBuilder()
                .setFunc(NameAttrList.newBuilder().setName(name))
                .build();
    }

    private static Path gradient(Path directory, Path witness) throws IOException {
        Set<String> calls = Set.of("PartitionedCall", "StatefulPartitionedCall");
        return besides(directory, witness, graph -> {
            for (NodeDef.Builder node : graph.getNodeBuilderList()) {
                if (calls.contains(node.getOp()) && !node.getName().startsWith("never")) {
                    node.putAttr("f", functionNamed("SymbolicGradient"));
                }
            }
        });
    }
}
