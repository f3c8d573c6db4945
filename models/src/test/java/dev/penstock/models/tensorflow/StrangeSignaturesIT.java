package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.ECHO_CARD;
import static dev.penstock.models.tensorflow.Strangers.echo;
import static dev.penstock.models.tensorflow.Strangers.load;
import static dev.penstock.models.tensorflow.Strangers.row;
import static dev.penstock.models.tensorflow.Strangers.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** Signatures are named, tagged and broken in every way; what is meant is found, and what cannot be is said. */
class StrangeSignaturesIT {
    @TempDir
    Path directory;

    private TensorFlowModel loaded(MetaGraphDef.Builder graph) throws IOException {
        return loaded(ECHO_CARD, graph);
    }

    private TensorFlowModel loaded(String card, MetaGraphDef.Builder... graphs) throws IOException {
        MetaGraphDef[] built = new MetaGraphDef[graphs.length];
        for (int index = 0; index < graphs.length; index++) {
            built[index] = graphs[index].build();
        }
        return load(directory, card, GraphFixture.write(Strangers.freshIn(directory), built));
    }

    private static MetaGraphDef.Builder echoGraph() {
        try (GraphFixture fixture = echo()) {
            return fixture.metaGraph();
        }
    }

    private static SignatureDef echoSignature() {
        return echoGraph().getSignatureDefOrThrow("serving_default");
    }

    private void assertServes(TensorFlowModel model) {
        try (model) {
            assertThat(score(model, row(0.25f, 0.75f))).containsExactly(0.25f, 0.75f);
        }
    }

    private void assertRefused(MetaGraphDef.Builder graph, String... words) {
        assertRefused(ECHO_CARD, graph, words);
    }

    private void assertRefused(String card, MetaGraphDef.Builder graph, String... words) {
        assertThatThrownBy(() -> loaded(card, graph))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageStartingWith("Cannot load model 'stranger' version 7: ")
                .hasMessageContainingAll(words)
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
    }

    @Test
    void servesTheUsualSignatureAmongOthers() throws Exception {
        // Keras 3 exports both of these, and each endpoint that is added.
        assertServes(loaded(
                echoGraph().putSignatureDef("serve", echoSignature()).putSignatureDef("encode", echoSignature())));
    }

    @Test
    void servesTheOnlySignatureWhateverItIsCalled() throws Exception {
        assertServes(
                loaded(echoGraph().removeSignatureDef("serving_default").putSignatureDef("predict", echoSignature())));
    }

    @Test
    void doesNotTakeInitialisersAndTrainingForSignaturesToServe() throws Exception {
        assertServes(loaded(echoGraph()
                .removeSignatureDef("serving_default")
                .putSignatureDef("infer", echoSignature())
                .putSignatureDef("train", echoSignature())
                .putSignatureDef(
                        "eval",
                        echoSignature().toBuilder()
                                .setMethodName("tensorflow/supervised/eval")
                                .build())));
    }

    @Test
    void listsSignaturesWhenSeveralCouldBeMeant() {
        MetaGraphDef.Builder graph = echoGraph()
                .removeSignatureDef("serving_default")
                .putSignatureDef("first", echoSignature())
                .putSignatureDef("second", echoSignature());

        assertRefused(graph, "name one in the card", "first(x) -> y", "second(x) -> y");
    }

    @Test
    void saysThatThereIsNoSignature() {
        assertRefused(echoGraph().clearSignatureDef(), "no signature", "serving_default");
    }

    @Test
    void servesTheSignatureThatTheCardNames() throws Exception {
        MetaGraphDef.Builder graph = echoGraph().putSignatureDef("mine", echoSignature());
        SignatureDef broken = echoSignature().toBuilder().clearOutputs().build();

        assertServes(loaded(ECHO_CARD + "signature: mine\n", graph.putSignatureDef("serving_default", broken)));
        assertRefused(ECHO_CARD + "signature: yours\n", graph, "no signature 'yours'", "mine(x) -> y");
    }

    @Test
    void isNotStoppedByASignatureThatNobodyAsksFor() throws Exception {
        TensorInfo wrong = echoSignature().getInputsOrThrow("x").toBuilder()
                .setDtype(DataType.DT_INT32)
                .build();
        TensorInfo gone = wrong.toBuilder().setName("no_such_tensor:0").build();
        TensorInfo untyped = wrong.toBuilder().setDtype(DataType.DT_INVALID).build();

        assertServes(loaded(echoGraph()
                .putSignatureDef(
                        "wrong",
                        echoSignature().toBuilder().putInputs("x", wrong).build())
                .putSignatureDef(
                        "gone", echoSignature().toBuilder().putInputs("x", gone).build())
                .putSignatureDef(
                        "untyped",
                        echoSignature().toBuilder().putInputs("x", untyped).build())
                .putSignatureDef("sparse", sparse())));
    }

    private static SignatureDef sparse() {
        TensorInfo.Builder tensor = TensorInfo.newBuilder().setDtype(DataType.DT_FLOAT);
        tensor.getCooSparseBuilder()
                .setIndicesTensorName("a:0")
                .setValuesTensorName("b:0")
                .setDenseShapeTensorName("c:0");
        return echoSignature().toBuilder().putInputs("x", tensor.build()).build();
    }

    @Test
    void refusesASignatureThatDisagreesWithItsGraph() {
        SignatureDef signature = echoSignature();
        TensorInfo input = signature.getInputsOrThrow("x");
        TensorInfo output = signature.getOutputsOrThrow("y");

        assertRefused(
                echoGraph()
                        .putSignatureDef(
                                "serving_default",
                                signature.toBuilder()
                                        .putInputs(
                                                "x",
                                                input.toBuilder()
                                                        .setDtype(DataType.DT_DOUBLE)
                                                        .build())
                                        .build()),
                "input 'x' is float64 in the signature and float32 in the graph");
        assertRefused(
                echoGraph()
                        .putSignatureDef(
                                "serving_default",
                                signature.toBuilder()
                                        .putOutputs(
                                                "y",
                                                output.toBuilder()
                                                        .setDtype(DataType.DT_DOUBLE)
                                                        .build())
                                        .build()),
                "output 'y' is float64 in the signature and float32 in the graph");
        assertRefused(
                echoGraph()
                        .putSignatureDef(
                                "serving_default",
                                signature.toBuilder()
                                        .putInputs(
                                                "x",
                                                input.toBuilder()
                                                        .setName("gone:0")
                                                        .build())
                                        .build()),
                "'gone:0', which is not in the graph");
    }

    @Test
    void refusesSparseAndRaggedInputs() {
        TensorInfo.Builder ragged = TensorInfo.newBuilder().setDtype(DataType.DT_FLOAT);
        ragged.getCompositeTensorBuilder();

        assertRefused(echoGraph().putSignatureDef("serving_default", sparse()), "input 'x' is sparse", "dense");
        assertRefused(
                echoGraph()
                        .putSignatureDef(
                                "serving_default",
                                echoSignature().toBuilder()
                                        .putInputs("x", ragged.build())
                                        .build()),
                "input 'x' is ragged");
    }

    @Test
    void refusesTypesThatItCannotFill() {
        try (GraphFixture fixture = new GraphFixture()) {
            Operand<TFloat32> y = fixture.tf().constant(new float[][] {{0, 0}});
            MetaGraphDef.Builder graph = fixture.signature("serving_default", Map.of("x", y), Map.of("y", y))
                    .metaGraph();
            SignatureDef.Builder signature = graph.getSignatureDefOrThrow("serving_default").toBuilder();
            for (DataType type : new DataType[] {DataType.DT_INT8, DataType.DT_INT16, DataType.DT_UINT64}) {
                signature.putInputs(
                        "x",
                        signature.getInputsOrThrow("x").toBuilder()
                                .setDtype(type)
                                .build());

                assertRefused(
                        graph.putSignatureDef("serving_default", signature.build()),
                        "input 'x' is %s, which Penstock cannot fill".formatted(ElementType.nameOf(type)));
            }
        }
    }

    @Test
    void refusesSerializedExamples() {
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<TString> records = fixture.tf().placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
            Operand<TString> none = fixture.tf().constant(NdArrays.ofObjects(String.class, Shape.of(0)));
            Operand<? extends TType> x = fixture.tf()
                    .io
                    .parseExample(
                            fixture.tf().identity(records),
                            none,
                            none,
                            fixture.tf().array("x"),
                            none,
                            List.of(fixture.tf().constant(new float[0])),
                            0L,
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(Shape.of(2)))
                    .denseValues()
                    .get(0)
                    .asOutput();
            fixture.signature("serving_default", Map.of("examples", records), Map.of("y", x));

            assertRefused(fixture.metaGraph(), "input 'examples' takes serialized tf.train.Example records");
        }
    }

    @Test
    void servesTheOnlyGraphWhateverItsTags() throws Exception {
        MetaGraphDef.Builder accelerated = echoGraph();
        accelerated.getMetaInfoDefBuilder().addTags("gpu");
        MetaGraphDef.Builder untagged = echoGraph();
        untagged.getMetaInfoDefBuilder().clearTags();
        MetaGraphDef.Builder odd = echoGraph();
        odd.getMetaInfoDefBuilder().clearTags().addTags("my tag");

        assertServes(loaded(accelerated));
        assertServes(loaded(untagged));
        assertServes(loaded(odd));
    }

    @Test
    void servesTheGraphThatIsForServing() throws Exception {
        MetaGraphDef.Builder training = echoGraph().clearSignatureDef();
        training.getMetaInfoDefBuilder().clearTags().addTags("train");
        MetaGraphDef.Builder tpu = echoGraph().clearSignatureDef();
        tpu.getMetaInfoDefBuilder().addTags("tpu");

        assertServes(loaded(ECHO_CARD, training, tpu, echoGraph()));
    }

    @Test
    void servesTheGraphWhoseTagsTheCardNames() throws Exception {
        MetaGraphDef.Builder gpu = echoGraph();
        gpu.getMetaInfoDefBuilder().addTags("gpu");
        MetaGraphDef.Builder other = echoGraph().clearSignatureDef();

        assertServes(loaded(ECHO_CARD + "tags: [gpu, serve]\n", other, gpu));
        assertThatThrownBy(() -> loaded(ECHO_CARD + "tags: [tpu]\n", other, gpu))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContainingAll("no graph tagged [tpu]", "[serve]", "[gpu, serve]");
    }

    @Test
    void listsTagsWhenSeveralGraphsCouldBeMeant() {
        MetaGraphDef.Builder gpu = echoGraph();
        gpu.getMetaInfoDefBuilder().addTags("gpu");
        MetaGraphDef.Builder tpu = echoGraph();
        tpu.getMetaInfoDefBuilder().addTags("tpu");

        assertThatThrownBy(() -> loaded(ECHO_CARD, gpu, tpu))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContainingAll("[gpu, serve]", "[serve, tpu]", "in the card");
    }

    @Test
    void saysWhatTheCardAndTheSignatureDoNotAgreeOn() {
        assertRefused(ECHO_CARD.replace("  x:", "  z:"), echoGraph(), "does not fill: [x]");
        assertRefused(
                ECHO_CARD.replace("outputs:", "  z: category\noutputs:"), echoGraph(), "no input 'z'", "x (float32)");
        assertRefused(ECHO_CARD.replace("  y:", "  z:"), echoGraph(), "no output 'z'", "[y]");
        assertRefused(
                ECHO_CARD.replace("[a, b]\n", "[a, b, c]\n"), echoGraph(), "input 'x' has the shape [?, 2]", "[3]");
        assertRefused(ECHO_CARD.replace("labels: [a, b]", "labels: [a, b, c]"), echoGraph(), "output 'y'", "3 labels");
        assertRefused(
                ECHO_CARD.replace("features: [a, b]", "category: {feature: a}"),
                echoGraph(),
                "input 'x' is float32, and the card fills it with string");
    }

    @Test
    void doesNotCutFractionsOff() {
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<TInt32> x = fixture.tf().placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, 2)));
            fixture.signature(
                    "serving_default",
                    Map.of("x", x),
                    Map.of("y", fixture.tf().dtypes.cast(x, TFloat32.class)));

            assertRefused(fixture.metaGraph(), "input 'x' is int32, and the card fills it with float32", "type: int32");
        }
    }
}
