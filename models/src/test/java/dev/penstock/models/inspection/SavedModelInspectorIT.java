package dev.penstock.models.inspection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.tensorflow.GraphFixture;
import dev.penstock.models.tensorflow.NoSavedModelException;
import dev.penstock.models.tensorflow.SavedModelDescription.Origin;
import dev.penstock.models.tensorflow.SavedModelDescription.Output;
import dev.penstock.models.tensorflow.SavedModelDescription.Use;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

class SavedModelInspectorIT {
    @TempDir
    Path directory;

    private Path fresh() throws IOException {
        return Files.createTempDirectory(directory, "model");
    }

    /** A model with these inputs, and an output that has nothing to do with them. */
    private Inspection inspected(Map<String, Class<? extends TType>> types, Map<String, Shape> shapes)
            throws IOException {
        try (GraphFixture fixture = new GraphFixture()) {
            Map<String, Operand<? extends TType>> inputs = new LinkedHashMap<>();
            types.forEach(
                    (key, type) -> inputs.put(key, fixture.tf().placeholder(type, Placeholder.shape(shapes.get(key)))));
            Operand<TFloat32> scores = fixture.tf()
                    .placeholderWithDefault(fixture.tf().constant(new float[][] {{1, 1, 1}}), Shape.of(-1, 3));
            fixture.signature("serving_default", inputs, Map.of("scores", scores));
            return SavedModelInspector.inspect(fixture.write(fresh()));
        }
    }

    private static String proposed(Inspection inspection) {
        String yaml = CardProposal.of(inspection).orElseThrow().yaml();
        ModelCardReader.read(yaml);
        return yaml;
    }

    private Inspection withOutput(BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>> output) throws IOException {
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", output.apply(fixture.tf(), x)));
            return SavedModelInspector.inspect(fixture.write(fresh()));
        }
    }

    private static Output onlyOutput(Inspection inspection) {
        return inspection.model().graphs().get(0).signatures().get(0).outputs().get(0);
    }

    @Test
    void tellsWhatASavedModelHolds() throws Exception {
        Inspection inspection = SavedModelInspector.inspect(
                TinyModels.text(directory.resolve("bundle"), 1).savedModel());

        assertThat(inspection.refusal()).isEmpty();
        assertThat(inspection.trainable()).isFalse();
        assertThat(inspection.model().graphs()).singleElement().satisfies(graph -> {
            assertThat(graph.tags()).containsExactly("serve");
            assertThat(graph.madeBy()).isEqualTo("2.18.0");
            assertThat(graph.hasVariables()).isFalse();
            assertThat(graph.operations()).isGreaterThan(5);
            assertThat(graph.unknownOperations()).isEmpty();
            assertThat(graph.signatures()).singleElement().satisfies(signature -> {
                assertThat(signature.key()).isEqualTo("serving_default");
                assertThat(signature.inputs()).singleElement().satisfies(input -> {
                    assertThat(input.type()).isEqualTo("string");
                    assertThat(input.shape()).contains(List.of(-1L));
                    assertThat(input.use()).isEqualTo(Use.TEXT);
                });
            });
        });
        assertThat(inspection.report())
                .contains(
                        "graph [serve]", "signature serving_default", "in  text: string [?]", "Penstock can serve it");
    }

    @Test
    void tellsWhyAModelCannotServe() throws Exception {
        try (GraphFixture fixture = Graphs.identity()) {
            MetaGraphDef.Builder graph = fixture.metaGraph()
                    .addAssetFileDef(AssetFileDef.newBuilder().setFilename("words.txt"));
            graph.getGraphDefBuilder().addNode(NodeDef.newBuilder().setName("x").setOp("SentencepieceOp"));
            graph.getMetaInfoDefBuilder().addTags("gpu");

            Inspection inspection = SavedModelInspector.inspect(GraphFixture.write(fresh(), graph.build()));

            assertThat(inspection.refusal().orElseThrow()).contains("SentencepieceOp (of TensorFlow Text)");
            assertThat(inspection.report())
                    .contains(
                            "graph [gpu, serve]",
                            "assets: words.txt",
                            "operations that this build does not have: SentencepieceOp",
                            "Penstock cannot serve it");
            assertThat(CardProposal.of(inspection)).isEmpty();
        }
    }

    @Test
    void seesThatAModelCanBeTrained() throws Exception {
        try (GraphFixture fixture = Graphs.identity()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.putSignatureDef("train", graph.getSignatureDefOrThrow("serving_default"));

            Inspection inspection = SavedModelInspector.inspect(GraphFixture.write(fresh(), graph.build()));

            assertThat(inspection.trainable()).isTrue();
            assertThat(inspection.servable())
                    .extracting(servable -> servable.signature().key())
                    .containsExactly("serving_default");
        }
    }

    @Test
    void doesNotLoadTheModel() throws Exception {
        Path savedModel = fresh();
        try (GraphFixture fixture = Graphs.identity()) {
            MetaGraphDef.Builder graph = fixture.metaGraph();
            // TensorFlow would refuse to load it.
            graph.getGraphDefBuilder()
                    .addNode(NodeDef.newBuilder()
                            .setName("dangling")
                            .setOp("Identity")
                            .addInput("nothing"));
            Files.write(
                    savedModel.resolve("saved_model.pb"),
                    SavedModel.newBuilder().addMetaGraphs(graph).build().toByteArray());
        }

        assertThat(SavedModelInspector.inspect(savedModel).model().graphs()).hasSize(1);
    }

    @Test
    void saysThatThereIsNoSavedModel() {
        assertThatThrownBy(() -> SavedModelInspector.inspect(directory))
                .isInstanceOf(NoSavedModelException.class)
                .hasMessageStartingWith("Cannot read a SavedModel: ")
                .hasMessageContaining("saved_model.pb");
    }

    @Test
    void seesWhatComputesAnOutput() throws Exception {
        assertThat(onlyOutput(withOutput((tf, x) -> tf.nn.softmax(x))).origin()).isEqualTo(Origin.SOFTMAX);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.identity(tf.math.sigmoid(x))))
                        .origin())
                .isEqualTo(Origin.SIGMOID);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.linalg.matMul(x, tf.constant(new float[][] {{1}, {1}, {1}}))))
                        .origin())
                .isEqualTo(Origin.LINEAR);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.math.tanh(x))).origin()).isEqualTo(Origin.UNKNOWN);
    }

    @Test
    void seesSoftmaxAndSigmoidThatAreWrittenOut() throws Exception {
        assertThat(onlyOutput(withOutput((tf, x) -> tf.math.div(
                                tf.math.exp(x),
                                tf.reduceSum(tf.math.exp(x), tf.constant(-1), ReduceSum.keepDims(true)))))
                        .origin())
                .as("of another exponential")
                .isEqualTo(Origin.UNKNOWN);
        assertThat(onlyOutput(withOutput((tf, x) -> {
                            Operand<TFloat32> powers = tf.math.exp(x);
                            return tf.math.div(powers, tf.reduceSum(powers, tf.constant(-1), ReduceSum.keepDims(true)));
                        }))
                        .origin())
                .isEqualTo(Origin.SOFTMAX);
        assertThat(onlyOutput(withOutput((tf, x) -> {
                            Operand<TFloat32> powers = tf.math.exp(x);
                            return tf.math.div(powers, tf.reduceSum(powers, tf.constant(0), ReduceSum.keepDims(true)));
                        }))
                        .origin())
                .as("over the rows")
                .isEqualTo(Origin.UNKNOWN);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.math.div(
                                tf.constant(1f), tf.math.add(tf.constant(1f), tf.math.exp(tf.math.neg(x))))))
                        .origin())
                .isEqualTo(Origin.SIGMOID);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.nn.logSoftmax(x))).origin())
                .isEqualTo(Origin.LOG_SOFTMAX);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.math.exp(tf.nn.logSoftmax(x))))
                        .origin())
                .isEqualTo(Origin.SOFTMAX);
        assertThat(onlyOutput(withOutput((tf, x) -> tf.math.add(tf.nn.softmax(x), tf.nn.softmax(x))))
                        .origin())
                .as("a sum of probabilities")
                .isEqualTo(Origin.UNKNOWN);
    }

    @Test
    void proposesRowsWithoutABatch() throws Exception {
        assertThat(proposed(inspected(Map.of("x", TFloat32.class), Map.of("x", Shape.of(5)))))
                .contains("features: {count: 5}");
        assertThat(proposed(inspected(Map.of("x", TFloat32.class), Map.of("x", Shape.of(24, 32, 3)))))
                .contains("image: {width: 32, height: 24, channels: 3");
        assertThat(proposed(inspected(Map.of("visits", TInt64.class), Map.of("visits", Shape.scalar()))))
                .contains("features: {order: [visits], type: int64}");
    }

    @Test
    void proposesSwitchesAsTheyAreForServing() throws Exception {
        assertThat(proposed(inspected(
                        Map.of("x", TFloat32.class, "keep_prob", TFloat32.class, "flags", TBool.class),
                        Map.of("x", Shape.of(-1, 4), "keep_prob", Shape.scalar(), "flags", Shape.of(-1, 4)))))
                .contains("keep_prob:\n    constant: 1.0", "flags:\n    features: {count: 4, type: bool}");
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
            Placeholder<TFloat32> rate =
                    tf.withName("rate").placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", tf.nn.softmax(tf.math.add(x, rate))));

            Inspection inspection = SavedModelInspector.inspect(fixture.write(fresh()));

            assertThat(inspection.report()).contains("in  rate:0: float32, which the signature leaves out");
            assertThat(proposed(inspection)).contains("\"rate:0\":\n    constant: 0.0");
        }
    }

    @Test
    void proposesNothingForSizesThatNoCardHas() throws Exception {
        Inspection inspection =
                inspected(Map.of("x", TFloat32.class), Map.of("x", Shape.of(-1, 1_000_000, 1_000_000, 1_000_000)));

        assertThat(CardProposal.of(inspection)).isEmpty();
    }

    @Test
    void seesThroughCallsOfFunctions() throws Exception {
        try (GraphFixture fixture = new GraphFixture();
                ConcreteFunction softmax = ConcreteFunction.create(tf -> {
                    Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
                    return Signature.builder("network")
                            .input("x", x)
                            .output("y", tf.identity(tf.nn.softmax(x)))
                            .build();
                })) {
            Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
            @SuppressWarnings("unchecked")
            Operand<TFloat32> y = (Operand<TFloat32>) (Operand<?>) softmax.call(fixture.tf(), x);
            fixture.signature(
                    "serving_default", Map.of("x", x), Map.of("y", fixture.tf().identity(y)));

            Inspection inspection = SavedModelInspector.inspect(fixture.write(fresh()));

            assertThat(onlyOutput(inspection).origin()).isEqualTo(Origin.SOFTMAX);
        }
    }

    @Test
    void proposesImages() throws Exception {
        assertThat(proposed(inspected(Map.of("pixels", TFloat32.class), Map.of("pixels", Shape.of(-1, 32, 24, 3)))))
                .contains("modality: image", "image: {width: 24, height: 32, channels: 3, scale: {range: [0, 1]}}")
                .contains("# check: the scale", "# check: the channel order");
        assertThat(proposed(inspected(Map.of("pixels", TUint8.class), Map.of("pixels", Shape.of(-1, -1, -1, 3)))))
                .contains("image: {width: 224, height: 224, channels: 3, type: uint8}", "# check: the size");
        assertThat(proposed(inspected(Map.of("pixels", TFloat32.class), Map.of("pixels", Shape.of(-1, 3, 32, 24)))))
                .contains("width: 24, height: 32, channels: 3", "layout: channels-first");
        assertThat(proposed(inspected(Map.of("pixels", TFloat32.class), Map.of("pixels", Shape.of(-1, 28, 28)))))
                .contains("width: 28, height: 28, channels: 1");
    }

    @Test
    void proposesTextsAndTokens() throws Exception {
        assertThat(proposed(inspected(Map.of("text", TString.class), Map.of("text", Shape.of(-1)))))
                .contains("modality: text", "  text: text");
        assertThat(proposed(inspected(
                        Map.of(
                                "input_ids",
                                TInt64.class,
                                "attention_mask",
                                TInt64.class,
                                "token_type_ids",
                                TInt32.class),
                        Map.of(
                                "input_ids", Shape.of(-1, 64),
                                "attention_mask", Shape.of(-1, 64),
                                "token_type_ids", Shape.of(-1, 64)))))
                .contains("modality: text", "length: 64, type: int64", "# check: the tokenizer")
                .contains("token-mask: {of: input_ids, type: int64}", "token-segments: {of: input_ids}");
    }

    @Test
    void proposesClips() throws Exception {
        assertThat(proposed(inspected(Map.of("waveform", TFloat32.class), Map.of("waveform", Shape.of(-1, 16000)))))
                .contains("modality: audio", "waveform: {sample-rate: 16000, samples: 16000}")
                .contains("# check: the sample rate");
    }

    @Test
    void proposesRecords() throws Exception {
        assertThat(proposed(inspected(Map.of("x", TFloat32.class), Map.of("x", Shape.of(-1, 15)))))
                .contains("modality: record", "features: {count: 15}", "# check: the names of the features");
        assertThat(proposed(inspected(Map.of("x", TFloat32.class), Map.of("x", Shape.of(-1, 784)))))
                .contains("# check: whether it is an image of 28 × 28 pixels");
        assertThat(proposed(inspected(
                        Map.of("amount", TFloat32.class, "country", TString.class, "training", TBool.class),
                        Map.of("amount", Shape.of(-1, 1), "country", Shape.of(-1), "training", Shape.scalar()))))
                .contains("amount:\n    features: {order: [amount]}", "country: category", "constant: false");
    }

    @Test
    void proposesFilesThatTheGraphDecodes() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TString> file = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
            Operand<TFloat32> scores = tf.reshape(
                    tf.dtypes.cast(tf.image.decodePng(file, TUint8.class), TFloat32.class),
                    tf.constant(new int[] {-1, 2}));
            fixture.signature("serving_default", Map.of("file", file), Map.of("scores", scores));

            String yaml = proposed(SavedModelInspector.inspect(fixture.write(fresh())));

            assertThat(yaml).contains("modality: image", "  file: encoded");
        }
    }

    @Test
    void proposesWhatTheOutputIs() throws Exception {
        assertThat(proposed(withOutput((tf, x) -> tf.nn.softmax(x))))
                .contains("task: multiclass", "labels: [label-0, label-1, label-2]", "\"y\": probabilities");
        assertThat(proposed(withOutput((tf, x) -> tf.math.sigmoid(x)))).contains("task: multilabel");
        assertThat(proposed(withOutput((tf, x) -> tf.linalg.matMul(x, tf.constant(new float[][] {{1}, {1}, {1}})))))
                .contains("task: binary", "labels: [negative, positive]", "\"y\": logits  # check");
    }

    @Test
    void proposesTheOutputThatLooksLikeScores() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
            fixture.signature(
                    "predict",
                    Map.of("x", x),
                    Map.of(
                            "a_class", tf.math.argMax(x, tf.constant(1)),
                            "an_embedding", tf.math.tanh(x),
                            "probabilities", tf.nn.softmax(x)));
            MetaGraphDef.Builder graph = fixture.metaGraph();
            graph.getMetaInfoDefBuilder().addTags("gpu");

            String yaml = proposed(SavedModelInspector.inspect(GraphFixture.write(fresh(), graph.build())));

            assertThat(yaml)
                    .contains("\n  probabilities: probabilities", "# not used: a_class (int64)")
                    .contains("signature: predict", "tags: [gpu, serve]");
        }
    }

    @Test
    void proposesCardsThatServe() throws Exception {
        for (Path savedModel : List.of(
                TinyModels.text(fresh().resolve("b"), 1).savedModel(),
                TinyModels.record(fresh().resolve("b"), 1).savedModel(),
                TinyModels.image(fresh().resolve("b"), 1).savedModel(),
                TinyModels.audio(fresh().resolve("b"), 1).savedModel())) {
            CardProposal proposal =
                    CardProposal.of(SavedModelInspector.inspect(savedModel)).orElseThrow();
            try (TensorFlowModel model = TensorFlowModel.load(
                    new BundleBuilder(proposal.yaml(), savedModel).build(fresh()),
                    TensorFlowRuntime.inCallingThread())) {
                ModelCard card = model.card();

                model.warmUp();

                assertThat(card.modality()).isEqualTo(proposal.modality());
            }
        }
    }

    private static final class Graphs {
        static GraphFixture identity() {
            GraphFixture fixture = new GraphFixture();
            Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
            return fixture.signature(
                    "serving_default", Map.of("x", x), Map.of("y", fixture.tf().identity(x)));
        }
    }
}
