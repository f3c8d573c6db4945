package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.ECHO_CARD;
import static dev.penstock.models.tensorflow.Strangers.echo;
import static dev.penstock.models.tensorflow.Strangers.freshIn;
import static dev.penstock.models.tensorflow.Strangers.load;
import static dev.penstock.models.tensorflow.Strangers.row;
import static dev.penstock.models.tensorflow.Strangers.score;
import static dev.penstock.models.tensorflow.Strangers.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TType;

/** Outputs of every kind and shape become scores, and what cannot be scores is refused or fails by name. */
class StrangeOutputsIT {
    private static final String LOGITS_CARD = ECHO_CARD.replace("y: probabilities", "y: logits");

    @TempDir
    Path directory;

    /** A model whose output {@code y} is made from its input {@code x}, two numbers a row. */
    private TensorFlowModel loaded(String card, BiFunction<Ops, Operand<TFloat32>, Operand<? extends TType>> y)
            throws IOException {
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            fixture.signature("serving_default", Map.of("x", x), Map.of("y", y.apply(fixture.tf(), x)));
            return load(directory, card, fixture.write(freshIn(directory)));
        }
    }

    @Test
    void makesProbabilitiesOfLogits() throws Exception {
        try (TensorFlowModel multilabel = loaded(LOGITS_CARD, Ops::identity)) {
            assertThat(score(multilabel, row(0f, 2f))).containsExactly(0.5f, 0.8807971f);
        }
        try (TensorFlowModel multiclass = loaded(LOGITS_CARD.replace("multilabel", "multiclass"), Ops::identity)) {
            assertThat(score(multiclass, row(0f, 2f))).containsExactly(0.11920292f, 0.8807971f);
            assertThat(score(multiclass, row(1000f, -1000f))).containsExactly(1f, 0f);
        }
        try (TensorFlowModel binary = loaded(LOGITS_CARD.replace("multilabel", "binary"), Ops::identity)) {
            assertThat(score(binary, row(2f, 0f))).containsExactly(0.8807971f, 0.11920292f);
        }
    }

    @Test
    void takesOneColumnForTheSecondOfTwoLabels() throws Exception {
        BiFunction<Ops, Operand<TFloat32>, Operand<? extends TType>> first =
                (tf, x) -> tf.slice(x, tf.constant(new int[] {0, 0}), tf.constant(new int[] {-1, 1}));
        try (TensorFlowModel model = loaded(ECHO_CARD.replace("multilabel", "binary"), first)) {
            assertThat(score(model, row(0.25f, 9f), row(1f, 9f)))
                    .containsExactly(new float[] {0.75f, 0.25f}, new float[] {0, 1});
        }
        try (TensorFlowModel model = loaded(LOGITS_CARD.replace("multilabel", "binary"), first)) {
            assertThat(score(model, row(2f, 9f))).containsExactly(0.11920292f, 0.8807971f);
        }
    }

    @Test
    void takesOneNumberARow() throws Exception {
        try (TensorFlowModel model = loaded(
                ECHO_CARD.replace("multilabel", "binary"), (tf, x) -> tf.gather(x, tf.constant(1), tf.constant(1)))) {
            assertThat(score(model, row(9f, 0.25f), row(9f, 0.5f), row(9f, 1f)))
                    .extracting(scores -> scores[1])
                    .containsExactly(0.25f, 0.5f, 1f);
        }
    }

    @Test
    void looksPastDimensionsOfOne() throws Exception {
        try (TensorFlowModel model =
                loaded(ECHO_CARD, (tf, x) -> tf.reshape(x, tf.constant(new int[] {-1, 1, 1, 2, 1})))) {
            assertThat(score(model, row(0.25f, 0.5f), row(1f, 0f)))
                    .containsExactly(new float[] {0.25f, 0.5f}, new float[] {1, 0});
        }
        // Squeezes away the batch, too, if it is of one row.
        try (TensorFlowModel model = loaded(ECHO_CARD, (tf, x) -> tf.squeeze(x, Squeeze.axis(List.of())))) {
            assertThat(score(model, row(0.25f, 0.5f))).containsExactly(0.25f, 0.5f);
            assertThat(score(model, row(0.25f, 0.5f), row(1f, 0f))).hasSize(2);
        }
    }

    @Test
    void readsEveryTypeThatHasFractions() throws Exception {
        for (Class<? extends TType> type : List.of(TFloat64.class, TFloat16.class, TBfloat16.class)) {
            try (TensorFlowModel model = loaded(ECHO_CARD, (tf, x) -> cast(tf, x, type))) {
                assertThat(score(model, row(0.25f, 0.5f), row(1f, 0f)))
                        .containsExactly(new float[] {0.25f, 0.5f}, new float[] {1, 0});
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Operand<? extends TType> cast(Ops tf, Operand<TFloat32> x, Class<? extends TType> type) {
        return tf.dtypes.cast(x, (Class<TFloat64>) type);
    }

    @Test
    void givesFurtherOutputsByTheirNames() throws Exception {
        String card = Strangers.card("""
                task: multiclass
                modality: record
                labels: [a, b]
                inputs:
                  x:
                    features: [a, b]
                outputs:
                  decided: {kind: probabilities, deciding: true}
                  urgent: {kind: logits, labels: [no, yes]}
                """);
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            fixture.signature(
                    "serving_default",
                    Map.of("x", x),
                    Map.of(
                            "decided", tf.identity(x),
                            "urgent", tf.gather(x, tf.constant(0), tf.constant(1)),
                            "unused", tf.math.argMax(x, tf.constant(1))));

            try (TensorFlowModel model = load(directory, card, fixture.write(freshIn(directory)))) {
                List<Scores> scores = model.score(List.of(row(0f, 1f), row(1f, 0f)));

                assertThat(values(scores.get(1).deciding())).containsExactly(1f, 0f);
                assertThat(scores.get(0).further()).containsOnlyKeys("urgent");
                assertThat(scores.get(0).further().get("urgent").labels()).containsExactly("no", "yes");
                assertThat(values(scores.get(0).further().get("urgent"))).containsExactly(0.5f, 0.5f);
                assertThat(values(scores.get(1).further().get("urgent"))[1]).isCloseTo(0.731f, within(0.001f));
            }
        }
    }

    @Test
    void hidesNothingThatIsNotANumber() throws Exception {
        for (String card : List.of(
                ECHO_CARD,
                LOGITS_CARD,
                ECHO_CARD.replace("multilabel", "multiclass"),
                LOGITS_CARD.replace("multilabel", "multiclass"))) {
            try (TensorFlowModel model = loaded(card, Ops::identity)) {
                List<Scores> scores = model.score(List.of(row(Float.NaN, 0f), row(0f, 1f)));

                assertThat(scores.get(0).deciding().allFinite()).isFalse();
                assertThat(scores.get(1).deciding().allFinite()).isTrue();
            }
        }
    }

    @Test
    void failsWhereProbabilitiesAreNone() throws Exception {
        try (TensorFlowModel model = loaded(ECHO_CARD, Ops::identity)) {
            assertThatThrownBy(() -> score(model, row(0.5f, 3.5f)))
                    .isInstanceOf(ModelFailedException.class)
                    .hasMessageContaining("gave 3.5")
                    .hasMessageContaining("logits");
            assertThat(score(model, row(1.0005f, -0.0005f))).containsExactly(1f, 0f);
        }
    }

    @Test
    void refusesOutputsThatAreNoScores() {
        assertThatThrownBy(() -> loaded(ECHO_CARD, (tf, x) -> tf.math.argMax(x, tf.constant(1))))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("none of its outputs can be scores: 'y' is int64; export one");
        assertThatThrownBy(() -> loaded(ECHO_CARD, (tf, x) -> tf.reshape(x, tf.constant(new int[] {-1, 3, 2}))))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("none of its outputs can be scores: 'y' has 3 dimensions");
    }

    @Test
    void failsWhereAnswersAreNotThoseOfTheRows() throws Exception {
        try (TensorFlowModel fixed =
                loaded(ECHO_CARD, (tf, x) -> tf.tile(tf.reduceSum(x, tf.constant(0)), tf.constant(new int[] {2})))) {
            assertThatThrownBy(() -> score(fixed, row(0f, 0f), row(0f, 0f), row(0f, 0f)))
                    .isInstanceOf(ModelFailedException.class)
                    .hasMessageContaining("output 'y'");
        }
        try (TensorFlowModel shrinking = loaded(
                ECHO_CARD, (tf, x) -> tf.slice(x, tf.constant(new int[] {1, 0}), tf.constant(new int[] {-1, 2})))) {
            assertThatThrownBy(() -> score(shrinking, row(0f, 0f), row(0f, 0f), row(0f, 0f)))
                    .isInstanceOf(ModelFailedException.class)
                    .hasMessageContaining("[2, 2] for 3 rows");
            assertThatThrownBy(() -> score(shrinking, row(0f, 0f))).isInstanceOf(ModelFailedException.class);
        }
    }

    @Test
    void passesOnWhyACallFails() throws Exception {
        try (TensorFlowModel model = loaded(
                ECHO_CARD, (tf, x) -> tf.debugging.checkNumerics(tf.math.div(tf.constant(1f), x), "no division"))) {
            assertThatThrownBy(() -> score(model, row(1f, 0f)))
                    .isInstanceOf(ModelFailedException.class)
                    .hasMessage(
                            "Cannot score 1 rows with model 'stranger' version 7: no division : Tensor had +Inf values");
            assertThat(score(model, row(1f, 2f))).containsExactly(1f, 0.5f);
        }
    }

    @Test
    void readsWhatItGaveForTheRowsItWasGiven() throws Exception {
        // The output shares its memory with the input, which is written again for the next batch.
        try (GraphFixture fixture = echo();
                TensorFlowModel model = load(directory, ECHO_CARD, fixture.write(freshIn(directory)))) {
            List<float[]> first = score(model, row(0f, 1f), row(1f, 0f));
            float[] second = score(model, row(0.5f, 0.5f));

            assertThat(first).containsExactly(new float[] {0, 1}, new float[] {1, 0});
            assertThat(second).containsExactly(0.5f, 0.5f);
        }
    }
}
