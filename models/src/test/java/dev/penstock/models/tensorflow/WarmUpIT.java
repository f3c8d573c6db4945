package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.ECHO_CARD;
import static dev.penstock.models.tensorflow.Strangers.card;
import static dev.penstock.models.tensorflow.Strangers.echo;
import static dev.penstock.models.tensorflow.Strangers.freshIn;
import static dev.penstock.models.tensorflow.Strangers.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.dtypes.Cast;
import org.tensorflow.op.image.DecodeImage;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** A model that is warm has answered, and as it did where it was made. */
class WarmUpIT {
    @TempDir
    Path directory;

    private TensorFlowModel echoing(GoldenExample... golden) throws IOException {
        try (GraphFixture fixture = echo()) {
            return load(new BundleBuilder(ECHO_CARD, fixture.write(freshIn(directory)))
                    .goldenExamples(List.of(golden))
                    .build(freshIn(directory)));
        }
    }

    private static GoldenExample golden(double a, double b, Map<String, Float> scores) {
        return new GoldenExample(new FeaturesPayload(Map.of("a", a, "b", b), Map.of()), scores);
    }

    @Test
    void comparesGoldenExamples() throws Exception {
        GoldenExample[] many = Collections.nCopies(70, golden(0.25, 0.5, Map.of("a", 0.251f, "b", 0.5f)))
                .toArray(GoldenExample[]::new);
        try (TensorFlowModel model = echoing(many)) {
            WarmUp warmUp = model.warmUp();

            assertThat(warmUp.goldenExamples()).isEqualTo(70);
            assertThat(warmUp.largestDifference()).isBetween(0.0009, 0.0011);
            assertThat(warmUp.took()).isPositive();
        }
    }

    @Test
    void findsOutHowManyRowsACallShouldHave() throws Exception {
        try (TensorFlowModel model = echoing(golden(0.25, 0.5, Map.of("a", 0.25f)))) {
            WarmUp warmUp = model.warmUpFor(64);

            assertThat(warmUp.goldenExamples()).isEqualTo(1);
            assertThat(model.callRows()).isIn(32, 64);
        }
    }

    @Test
    void measuresCallsOfOneGraphOnce() throws Exception {
        Bundle bundle;
        try (GraphFixture fixture = echo()) {
            bundle = new BundleBuilder(ECHO_CARD, fixture.write(freshIn(directory))).build(freshIn(directory));
        }
        TensorFlowRuntime runtime = TensorFlowRuntime.inCallingThread();
        CallSizes.Subject subject = new CallSizes.Subject(
                bundle.graphDigest(),
                "serving_default",
                bundle.card().inputs(),
                bundle.card().outputs(),
                64);
        // No measurement would find it.
        runtime.callSizes().keep(subject, 7);

        try (TensorFlowModel model = TensorFlowModel.load(bundle, runtime)) {
            model.warmUpFor(64);
            assertThat(model.callRows()).isEqualTo(7);

            model.warmUpFor(128);
            assertThat(model.callRows()).isIn(32, 64, 128);
        }
    }

    @Test
    void refusesAModelThatAnswersOtherwise() throws Exception {
        GoldenExample right = golden(0.25, 0.5, Map.of("a", 0.25f));
        GoldenExample wrong = golden(0.25, 0.5, Map.of("b", 0.25f));
        try (TensorFlowModel model = echoing(right, wrong)) {
            assertThatThrownBy(model::warmUp)
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("golden example 1")
                    .hasMessageContaining("scores 0.5 for 'b' where 0.25 was expected");
        }
    }

    @Test
    void refusesGoldenExamplesThatAreNotForTheModel() throws Exception {
        try (TensorFlowModel model = echoing(golden(0.25, 0.5, Map.of("c", 0.25f)))) {
            assertThatThrownBy(model::warmUp)
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("'c', which is no label of the card");
        }
        try (TensorFlowModel model = echoing(new GoldenExample(new TextPayload("a text"), Map.of("a", 0.5f)))) {
            assertThatThrownBy(model::warmUp)
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("golden example 0");
        }
    }

    @Test
    void refusesAModelThatLoadsAndFailsOnEveryCall() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<TFloat32> neverSet = tf.readVariableOp(tf.varHandleOp(TFloat32.class, Shape.of(2)), TFloat32.class);
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", tf.math.add(x, neverSet)));

            try (TensorFlowModel model = load(directory, ECHO_CARD, fixture.write(freshIn(directory)))) {
                assertThatThrownBy(model::warmUp)
                        .isInstanceOf(ModelRefusedException.class)
                        .hasMessageStartingWith("Cannot warm up")
                        .hasMessageContaining("stranger")
                        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
            }
        }
    }

    @Test
    void callsModelsOfEveryModalityWithoutExamples() throws Exception {
        String image = """
                task: multilabel
                modality: image
                labels: [a]
                inputs:
                  x: encoded
                outputs:
                  y: probabilities
                """;
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            // One file a call, as exporters make it that decode in the graph.
            Placeholder<TString> x = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
            DecodeImage<TUint8> decoded = tf.image.decodeImage(x, TUint8.class, DecodeImage.channels(3L));
            Operand<TFloat32> mean = tf.math.div(
                    tf.math.mean(Cast.create(tf.scope(), decoded, TFloat32.class), tf.constant(new int[] {0, 1, 2})),
                    tf.constant(255f));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", mean));

            try (TensorFlowModel model = load(directory, card(image), fixture.write(freshIn(directory)))) {
                assertThat(model.warmUp().goldenExamples()).isZero();
            }
        }
        String audio = image.replace("modality: image", "modality: audio");
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TString> x = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
            Operand<TFloat32> samples = tf.audio.decodeWav(x).audio();
            fixture.signature(
                    "serving_default", Map.of("x", x), Map.of("y", tf.math.mean(samples, tf.constant(new int[] {0, 1
                    }))));

            try (TensorFlowModel model = load(directory, card(audio), fixture.write(freshIn(directory)))) {
                assertThat(model.warmUp().goldenExamples()).isZero();
            }
        }
    }
}
