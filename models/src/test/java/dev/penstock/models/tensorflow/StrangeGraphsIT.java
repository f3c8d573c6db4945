package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.ECHO_CARD;
import static dev.penstock.models.tensorflow.Strangers.card;
import static dev.penstock.models.tensorflow.Strangers.echo;
import static dev.penstock.models.tensorflow.Strangers.freshIn;
import static dev.penstock.models.tensorflow.Strangers.load;
import static dev.penstock.models.tensorflow.Strangers.row;
import static dev.penstock.models.tensorflow.Strangers.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleArchive;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.bundle.BundleLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.HashTable;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** Graphs from other versions, machines and exporters load, or are refused before they do harm. */
class StrangeGraphsIT {
    @TempDir
    Path directory;

    private static void assertServes(TensorFlowModel model) {
        try (model) {
            assertThat(score(model, row(0.25f, 0.75f))).containsExactly(0.25f, 0.75f);
        }
    }

    private void assertRefused(Path savedModel, String... words) {
        assertThatThrownBy(() -> load(directory, ECHO_CARD, savedModel))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContainingAll(words)
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
    }

    @Test
    void servesGraphsInText() throws Exception {
        Path savedModel = freshIn(directory);
        try (GraphFixture fixture = echo()) {
            SavedModel model = SavedModel.newBuilder()
                    .setSavedModelSchemaVersion(1)
                    .addMetaGraphs(fixture.metaGraph())
                    .build();
            Files.writeString(
                    savedModel.resolve("saved_model.pbtxt"),
                    TextFormat.printer().printToString(model));
        }

        assertServes(load(directory, ECHO_CARD, savedModel));
    }

    @Test
    void servesGraphsOfMachinesWithOtherDevices() throws Exception {
        try (GraphFixture fixture = echo()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.getGraphDefBuilder()
                    .getNodeBuilderList()
                    .forEach(node -> node.setDevice("/job:localhost/replica:0/task:0/device:GPU:3"));

            assertServes(load(directory, ECHO_CARD, GraphFixture.write(freshIn(directory), graph.build())));
        }
    }

    @Test
    void servesGraphsThatAreOneCallOfAFunction() throws Exception {
        try (GraphFixture fixture = new GraphFixture();
                ConcreteFunction twice = ConcreteFunction.create(tf -> {
                    Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
                    return Signature.builder("twice")
                            .input("x", x)
                            .output("y", tf.math.mul(x, tf.constant(2f)))
                            .build();
                })) {
            Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<?> doubled = twice.call(fixture.tf(), x);
            @SuppressWarnings("unchecked")
            Operand<TFloat32> y = (Operand<TFloat32>) doubled;
            MetaGraphDef.Builder graph = fixture.signature("serving_default", Map.of("x", x), Map.of("y", y))
                    .metaGraph();
            // A function's nodes may name devices, too.
            graph.getGraphDefBuilder()
                    .getLibraryBuilder()
                    .getFunctionBuilder(0)
                    .getNodeDefBuilderList()
                    .forEach(node -> node.setDevice("/device:GPU:0"));

            try (TensorFlowModel model =
                    load(directory, ECHO_CARD, GraphFixture.write(freshIn(directory), graph.build()))) {
                assertThat(score(model, row(0.25f, 0.5f))).containsExactly(0.5f, 1f);
            }
        }
    }

    @Test
    void saysWhereASavedModelIsThatIsTooDeep() throws Exception {
        Path outer = freshIn(directory);
        try (GraphFixture fixture = echo()) {
            fixture.write(outer.resolve("export").resolve("1"));
        }

        assertRefused(outer, "it was found in", Path.of("export", "1").toString(), "name that directory");
    }

    @Test
    void saysThatASavedModelIsDamaged() throws Exception {
        Path savedModel = freshIn(directory);
        Files.writeString(savedModel.resolve("saved_model.pb"), "no protocol buffer");

        assertRefused(savedModel, "saved_model.pb is damaged", "export the model anew");
    }

    @Test
    void namesOperationsThatThisBuildDoesNotHave() throws Exception {
        try (GraphFixture fixture = echo()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.getGraphDefBuilder()
                    .addNode(NodeDef.newBuilder().setName("forest").setOp("SimpleMLInferenceOpWithHandle"))
                    .addNode(NodeDef.newBuilder().setName("odd").setOp("MyOwnOp"));

            assertRefused(
                    GraphFixture.write(freshIn(directory), graph.build()),
                    "MyOwnOp",
                    "SimpleMLInferenceOpWithHandle (of TensorFlow Decision Forests)",
                    "export it without them");
        }
    }

    @Test
    void doesNotMindOperationsThatAreNeverReached() throws Exception {
        try (GraphFixture fixture = echo()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.getGraphDefBuilder()
                    .getLibraryBuilder()
                    .addFunctionBuilder()
                    .addNodeDef(NodeDef.newBuilder().setName("odd").setOp("MyOwnOp"))
                    .getSignatureBuilder()
                    .setName("never_called");

            assertServes(load(directory, ECHO_CARD, GraphFixture.write(freshIn(directory), graph.build())));
        }
    }

    @Test
    void passesOnWhatTensorFlowSaysInOneLine() throws Exception {
        try (GraphFixture fixture = echo()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.getGraphDefBuilder()
                    .addNode(NodeDef.newBuilder()
                            .setName("dangling")
                            .setOp("Identity")
                            .addInput("nothing"));

            assertRefused(GraphFixture.write(freshIn(directory), graph.build()), "TensorFlow says: ");
        }
    }

    /** Adds what it learned, 0.5, to its input. */
    private Path withVariables() throws IOException {
        Path savedModel = freshIn(directory);
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Variable<TFloat32> learned = tf.variable(Shape.of(2), TFloat32.class);
            Operand<TFloat32> y = tf.math.add(x, learned);
            session.run(tf.assign(learned, tf.constant(new float[] {0.5f, 0.5f})));
            SavedModelBundle.exporter(savedModel.toString())
                    .withSession(session)
                    .withSignature(Signature.builder("serving_default")
                            .input("x", x)
                            .output("y", y)
                            .build())
                    .export();
        }
        return savedModel;
    }

    @Test
    void restoresVariables() throws Exception {
        try (TensorFlowModel model = load(directory, ECHO_CARD, withVariables())) {
            assertThat(score(model, row(0.25f, 0.5f))).containsExactly(0.75f, 1f);
        }
    }

    @Test
    void answersTheSameAfterItTravelled() throws Exception {
        Bundle bundle = new BundleBuilder(ECHO_CARD, withVariables()).build(freshIn(directory));
        Path archive = directory.resolve("model.zip");
        BundleArchive.pack(bundle.directory(), archive);

        Bundle arrived = BundleArchive.unpack(archive, freshIn(directory), BundleLimits.usual());

        try (TensorFlowModel model = load(arrived)) {
            assertThat(score(model, row(0.25f, 0.5f))).containsExactly(0.75f, 1f);
        }
    }

    @Test
    void refusesVariablesThatWereNotCopied() throws Exception {
        Path savedModel = withVariables();
        Files.delete(savedModel.resolve("variables").resolve("variables.index"));

        assertRefused(savedModel, "variables/variables.index is missing", "copy the whole directory");
    }

    @Test
    void saysThatVariablesAreDamaged() throws Exception {
        Path savedModel = withVariables();
        Files.writeString(savedModel.resolve("variables").resolve("variables.index"), "no table");

        assertRefused(savedModel, "TensorFlow says: ");
    }

    /** How a graph says that its tables are to be filled. */
    private enum Initialiser {
        /** As TensorFlow 1's exporter did, which wrote the list that training code keeps as well. */
        MAIN_AND_LIST,
        LIST_ALONE
    }

    /** A word's place in a vocabulary file, as a score in eighths; 1 for a word that is not there. */
    private Path withVocabulary(Initialiser initialiser) throws IOException {
        Path savedModel = freshIn(directory);
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TString> word = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
            // Where the file was when the model was exported; the loader says where it is now.
            Operand<TString> file = tf.identity(tf.constant("/nowhere/vocabulary.txt"));
            HashTable table = tf.hashTable(TString.class, TInt64.class);
            var filled = tf.initializeTableFromTextFile(table, file, -2L, -1L);
            Operand<TInt64> place = tf.lookupTableFind(table, word, tf.constant(8L));
            Operand<TFloat32> score = tf.math.div(tf.dtypes.cast(place, TFloat32.class), tf.constant(8f));
            MetaGraphDef.Builder graph = fixture.signature("serving_default", Map.of("word", word), Map.of("y", score))
                    .metaGraph();
            CollectionDef operation = CollectionDef.newBuilder()
                    .setNodeList(CollectionDef.NodeList.newBuilder()
                            .addValue(filled.op().name()))
                    .build();
            graph.putCollectionDef("table_initializer", operation);
            if (initialiser == Initialiser.MAIN_AND_LIST) {
                graph.putCollectionDef("legacy_init_op", operation);
            }
            graph.addAssetFileDef(AssetFileDef.newBuilder()
                    .setFilename("vocabulary.txt")
                    .setTensorInfo(
                            TensorInfo.newBuilder().setName(file.asOutput().op().name() + ":0")));
            GraphFixture.write(savedModel, graph.build());
        }
        Files.createDirectory(savedModel.resolve("assets"));
        Files.writeString(savedModel.resolve("assets").resolve("vocabulary.txt"), "zero\none\ntwo\n");
        return savedModel;
    }

    @Test
    void fillsTablesFromVocabularies() throws Exception {
        String card = card("""
                task: binary
                modality: text
                labels: [no, yes]
                inputs:
                  word: text
                outputs:
                  y: probabilities
                """);
        for (Initialiser initialiser : Initialiser.values()) {
            try (TensorFlowModel model = load(directory, card, withVocabulary(initialiser))) {
                assertThat(score(model, row("two"), row("zero"), row("seven")))
                        .as(initialiser.name())
                        .extracting(scores -> scores[1])
                        .containsExactly(0.25f, 0f, 1f);
            }
        }
    }

    @Test
    void refusesTablesOfFilesThatAreNotTheModels() throws Exception {
        Path outside = withVocabulary(Initialiser.LIST_ALONE);
        changeGraph(outside, graph -> graph.getAssetFileDefBuilder(0).setFilename("../../secret.txt"));
        assertRefused(outside, "its asset '../../secret.txt' is a file outside of the model");

        Path elsewhere = withVocabulary(Initialiser.LIST_ALONE);
        changeGraph(elsewhere, MetaGraphDef.Builder::clearAssetFileDef);
        assertRefused(elsewhere, "it fills a table from the file '/nowhere/vocabulary.txt'", "as an asset");

        Path incomplete = withVocabulary(Initialiser.LIST_ALONE);
        Files.delete(incomplete.resolve("assets").resolve("vocabulary.txt"));
        assertRefused(incomplete, "its assets/vocabulary.txt is missing", "copy the whole directory");
    }

    private static void changeGraph(Path savedModel, Consumer<MetaGraphDef.Builder> change) throws IOException {
        Path file = savedModel.resolve("saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
        change.accept(model.getMetaGraphsBuilder(0));
        Files.write(file, model.build().toByteArray());
    }

    @Test
    void namesVariablesThatAreMissing() throws Exception {
        Path savedModel = withVariables();
        Files.delete(savedModel.resolve("variables").resolve("variables.data-00000-of-00001"));

        assertRefused(savedModel, "its variables/variables.data-00000-of-00001 is missing");
    }

    @Test
    void refusesDevicesOfOtherProcesses() throws Exception {
        try (GraphFixture fixture = echo()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.getGraphDefBuilder().getNodeBuilder(0).setDevice("/job:worker/replica:0/task:1/device:GPU:0");

            assertRefused(
                    GraphFixture.write(freshIn(directory), graph.build()),
                    "is pinned to /job:worker/replica:0/task:1/device:GPU:0",
                    "clear_devices=True");
        }
    }

    @Test
    void refusesTensorsThatCannotBe() throws Exception {
        for (String name : List.of("", "y:banana", "y:-5", "y:99999999999999", "^y")) {
            try (GraphFixture fixture = echo()) {
                MetaGraphDef.Builder graph = fixture.metaGraph();
                SignatureDef.Builder signature = graph.getSignatureDefOrThrow("serving_default").toBuilder();
                signature.putOutputs(
                        "y",
                        signature.getOutputsOrThrow("y").toBuilder()
                                .setName(name)
                                .build());
                graph.putSignatureDef("serving_default", signature.build());

                assertRefused(
                        GraphFixture.write(freshIn(directory), graph.build()),
                        "its output 'y' names the tensor '%s', which is not in the graph".formatted(name));
            }
        }
    }

    @Test
    void servesBranchesAndLoops() throws Exception {
        try (GraphFixture fixture = new GraphFixture();
                ConcreteFunction low = branch(0.25f);
                ConcreteFunction high = branch(0.75f)) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<?> isHigh = tf.math.greater(tf.reduceSum(x, tf.constant(new int[] {0, 1})), tf.constant(1f));
            @SuppressWarnings("unchecked")
            Operand<TFloat32> y =
                    (Operand<TFloat32>) (Operand<?>) tf.ifOp(isHigh, List.of(x), List.of(TFloat32.class), high, low)
                            .output()
                            .get(0);
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", y));

            try (TensorFlowModel model = load(directory, ECHO_CARD, fixture.write(freshIn(directory)))) {
                assertThat(score(model, row(0f, 0f))).containsExactly(0.25f, 0.25f);
                assertThat(score(model, row(1f, 1f))).containsExactly(0.75f, 0.75f);
            }
        }
    }

    private static ConcreteFunction branch(float value) {
        return ConcreteFunction.create(tf -> {
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<TFloat32> y = tf.math.add(tf.math.mul(x, tf.constant(0f)), tf.constant(value));
            return Signature.builder("branch").input("x", x).output("y", y).build();
        });
    }

    @Test
    void survivesModelsThatKeepWhatTheyAreGiven() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<?> kept = tf.varHandleOp(TFloat32.class, Shape.of(-1, 2));
            var keep = tf.assignVariableOp(kept, x);
            Operand<TFloat32> read = tf.withControlDependencies(keep).readVariableOp(kept, TFloat32.class);
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", read));

            try (TensorFlowModel model = load(directory, ECHO_CARD, fixture.write(freshIn(directory)))) {
                List<float[]> before = score(model, row(0.1f, 0.2f), row(0.3f, 0.4f));
                for (int call = 0; call < 100; call++) {
                    assertThat(score(model, row(0.5f, call / 100f))).containsExactly(0.5f, call / 100f);
                }
                assertThat(before.get(1)).containsExactly(0.3f, 0.4f);
            }
        }
    }

    @Test
    void survivesModelsThatKeepTexts() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TString> x = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
            Operand<?> kept = tf.varHandleOp(TString.class, Shape.of(-1));
            var keep = tf.assignVariableOp(kept, x);
            Operand<TString> read = tf.withControlDependencies(keep).readVariableOp(kept, TString.class);
            Operand<TFloat32> length = tf.dtypes.cast(tf.strings.stringLength(read), TFloat32.class);
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", tf.math.div(length, tf.constant(1024f))));
            String card = card("""
                    task: binary
                    modality: text
                    labels: [short, long]
                    inputs:
                      x: text
                    outputs:
                      y: probabilities
                    """);

            try (TensorFlowModel model = load(directory, card, fixture.write(freshIn(directory)))) {
                for (int call = 1; call < 100; call++) {
                    assertThat(score(model, row("x".repeat(call)))[1]).isEqualTo(call / 1024f);
                }
            }
        }
    }
}
