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

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.preprocessing.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** Inputs of every type and shape are filled with what the card says. */
class StrangeInputsIT {
    @TempDir
    Path directory;

    private TensorFlowModel loaded(String card, GraphFixture fixture) throws IOException {
        return load(directory, card, fixture.write(freshIn(directory)));
    }

    private enum Type {
        FLOAT32(TFloat32.class),
        FLOAT64(TFloat64.class),
        FLOAT16(TFloat16.class),
        BFLOAT16(TBfloat16.class),
        UINT8(TUint8.class),
        INT32(TInt32.class),
        INT64(TInt64.class),
        BOOL(TBool.class);

        private final Class<? extends TType> tensor;

        Type(Class<? extends TType> tensor) {
            this.tensor = tensor;
        }
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void fillsEveryTypeThatACardCanName(Type type) throws Exception {
        String card = ECHO_CARD.replace(
                "features: [a, b]",
                "features: {order: [a, b], type: %s}".formatted(type.name().toLowerCase(java.util.Locale.ROOT)));
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<? extends TType> x = fixture.tf().placeholder(type.tensor, Placeholder.shape(Shape.of(-1, 2)));
            fixture.signature(
                    "serving_default",
                    Map.of("x", x),
                    Map.of("y", fixture.tf().dtypes.cast(x, TFloat32.class)));

            try (TensorFlowModel model = loaded(card, fixture)) {
                assertThat(score(model, row(0f, 1f), row(1f, 0f)))
                        .containsExactly(new float[] {0, 1}, new float[] {1, 0});
                assertThat(score(model, row(0, 1), row(1, 0))).containsExactly(new float[] {0, 1}, new float[] {1, 0});
            }
        }
    }

    @Test
    void roundsAndClampsPixelsToBytes() throws Exception {
        String card = ECHO_CARD.replace("features: [a, b]", "features: {order: [a, b], type: uint8}");
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TUint8> x = tf.placeholder(TUint8.class, Placeholder.shape(Shape.of(-1, 2)));
            fixture.signature(
                    "serving_default",
                    Map.of("x", x),
                    Map.of("y", tf.math.div(tf.dtypes.cast(x, TFloat32.class), tf.constant(256f))));

            try (TensorFlowModel model = loaded(card, fixture)) {
                assertThat(score(model, row(127.6f, 3e9f), row(-4f, 0.4f)))
                        .containsExactly(new float[] {0.5f, 255 / 256f}, new float[] {0, 0});
            }
        }
    }

    @Test
    void servesGraphsThatSayNothingOfShapes() throws Exception {
        try (GraphFixture fixture = echo(Shape.unknown());
                TensorFlowModel model = loaded(ECHO_CARD, fixture)) {
            assertThat(score(model, row(0.25f, 0.5f), row(1f, 0f)))
                    .containsExactly(new float[] {0.25f, 0.5f}, new float[] {1, 0});
        }
    }

    @Test
    void fillsBatchesOfABuiltInSizeAndDropsTheirRest() throws Exception {
        try (GraphFixture fixture = echo(Shape.of(3, 2));
                TensorFlowModel model = loaded(ECHO_CARD, fixture)) {
            assertEchoes(model, 1);
            assertEchoes(model, 3);
            assertEchoes(model, 7);
        }
    }

    @Test
    void fillsBatchesOfTheSizeThatTheCardSays() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            // Wants four rows and does not say so.
            Operand<TFloat32> y =
                    tf.reshape(tf.ensureShape(tf.identity(x), Shape.of(4, 2)), tf.constant(new int[] {4, 2}));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", y));

            try (TensorFlowModel model = loaded(ECHO_CARD + "fixed-batch: 4\n", fixture)) {
                assertThat(model.fixedRows()).hasValue(4);
                assertEchoes(model, 1);
                assertEchoes(model, 9);
            }
        }
    }

    @Test
    void refusesABatchThatTheGraphCannotHave() throws Exception {
        try (GraphFixture fixture = echo(Shape.of(3, 2))) {
            assertThatThrownBy(() -> loaded(ECHO_CARD + "fixed-batch: 4\n", fixture))
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("input 'x' takes 3 rows a call")
                    .hasMessageContaining("4");
        }
    }

    @Test
    void asksRowByRowWhereThereIsNoBatch() throws Exception {
        try (GraphFixture fixture = echo(Shape.of(2));
                TensorFlowModel model = loaded(ECHO_CARD, fixture)) {
            assertEchoes(model, 1);
            assertEchoes(model, 5);
        }
    }

    private static void assertEchoes(TensorFlowModel model, int rows) {
        List<Example> batch = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int index = 0; index < rows; index++) {
            expected.add(new float[] {index / 16f, 1 - index / 16f});
            batch.add(row(expected.get(index)));
        }

        assertThat(score(model, batch)).containsExactly(expected.toArray(float[][]::new));
    }

    @Test
    void laysVectorsOutAsTheGraphHasThem() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2, 2)));
            // The two on the diagonal.
            Operand<TFloat32> y = tf.linalg.matrixDiagPart(x, tf.constant(0), tf.constant(0f));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", y));

            try (TensorFlowModel model =
                    loaded(ECHO_CARD.replace("[a, b]\noutputs", "[a, b, c, d]\noutputs"), fixture)) {
                assertThat(score(model, row(0.1f, 0.2f, 0.3f, 0.4f))).containsExactly(0.1f, 0.4f);
            }
        }
    }

    /** Its scores are the mean and the length in thousands of samples, of a waveform of any length. */
    private GraphFixture anyLength() {
        GraphFixture fixture = new GraphFixture();
        Ops tf = fixture.tf();
        Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1)));
        Operand<TFloat32> mean = tf.math.mean(x, tf.constant(1));
        Operand<TFloat32> length = tf.math.div(
                tf.dtypes.cast(tf.reduceSum(tf.onesLike(x), tf.constant(1)), TFloat32.class), tf.constant(1024f));
        return fixture.signature(
                "serving_default",
                Map.of("x", x),
                Map.of("y", tf.stack(List.of(mean, length), org.tensorflow.op.core.Stack.axis(1L))));
    }

    @Test
    void scoresClipsOfDifferentLengthsAsIfEachWereAlone() throws Exception {
        String card = card("""
                task: multilabel
                modality: audio
                labels: [a, b]
                inputs:
                  x:
                    waveform: {sample-rate: 8000}
                outputs:
                  y: probabilities
                """);
        try (GraphFixture fixture = anyLength();
                TensorFlowModel model = loaded(card, fixture)) {
            assertThat(score(model, row(1f, 1f), row(0.5f), row(0.25f, 0.25f), row(1f, 0f, 0f, 0f)))
                    .containsExactly(
                            new float[] {1, 2 / 1024f},
                            new float[] {0.5f, 1 / 1024f},
                            new float[] {0.25f, 2 / 1024f},
                            new float[] {0.25f, 4 / 1024f});
        }
    }

    @Test
    void writesTextsOfAnyBytes() throws Exception {
        String card = card("""
                task: binary
                modality: text
                labels: [short, long]
                inputs:
                  x: text
                outputs:
                  y: probabilities
                """);
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TString> x = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1, 1)));
            Operand<TFloat32> length = tf.dtypes.cast(tf.strings.stringLength(x), TFloat32.class);
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", tf.math.div(length, tf.constant(65536f))));

            try (TensorFlowModel model = loaded(card, fixture)) {
                assertThat(score(model, row(""), row("é€😀\0"), row("x".repeat(22)), row("y".repeat(40_000))))
                        .extracting(scores -> scores[1])
                        .containsExactly(0f, 10 / 65536f, 22 / 65536f, 40_000 / 65536f);
            }
        }
    }

    @Test
    void leavesInputsAloneThatHaveAValueOfTheirOwn() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<TFloat32> factor = tf.placeholderWithDefault(tf.constant(0.5f), Shape.scalar());
            fixture.signature("serving_default", Map.of("x", x, "factor", factor), Map.of("y", tf.math.mul(x, factor)));

            try (TensorFlowModel model = loaded(ECHO_CARD, fixture)) {
                assertThat(score(model, row(1f, 0.5f))).containsExactly(0.5f, 0.25f);
            }
            String set = ECHO_CARD.replace("outputs:", "  factor:\n    constant: 0.25\noutputs:");
            try (TensorFlowModel model = loaded(set, fixture)) {
                assertThat(score(model, withConstant(row(1f, 0.5f)))).containsExactly(0.25f, 0.125f);
            }
        }
    }

    @Test
    void setsSwitchesThatTheSignatureDoesNotMention() throws Exception {
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Placeholder<TBool> training =
                    tf.withName("training").placeholder(TBool.class, Placeholder.shape(Shape.scalar()));
            Operand<TFloat32> y = tf.math.mul(x, tf.select(training, tf.constant(0f), tf.constant(1f)));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", y));

            String set = ECHO_CARD.replace("outputs:", "  'training:0':\n    constant: false\noutputs:");
            try (TensorFlowModel model = loaded(set, fixture)) {
                assertThat(score(model, withConstant(row(1f, 0.5f)))).containsExactly(1f, 0.5f);
            }
            assertThatThrownBy(() -> loaded(set.replace("false", "0.5"), fixture))
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("input 'training:0' is bool, which the card's constant 0.5 is not");
        }
    }

    /** As the preprocessor makes them: a value for every input of the card. */
    private static Example withConstant(Example row) {
        List<Example.Value> values = new ArrayList<>(row.values());
        values.add(new Example.Value.Floats(new float[1]));
        return new Example(values);
    }

    @Test
    void saysWhichRowsItCannotTake() throws Exception {
        try (GraphFixture fixture = echo();
                TensorFlowModel model = loaded(ECHO_CARD, fixture)) {
            assertThatThrownBy(() -> score(model, row(1f)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("input 'x' has 1 values a row, expected 2");
            assertThatThrownBy(() -> score(model, row("text"))).isInstanceOf(IllegalArgumentException.class);
            assertThat(score(model, row(0f, 1f))).containsExactly(0f, 1f);
        }
    }
}
