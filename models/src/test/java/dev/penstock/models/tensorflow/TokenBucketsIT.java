package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.freshIn;
import static dev.penstock.models.tensorflow.Strangers.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Texts of a graph with an open length are padded to the shortest bucket that they fit, and no further. */
class TokenBucketsIT {
    private static final String CARD = """
            card-version: 1
            name: words
            version: 1
            task: binary
            modality: text
            labels: [dull, bright]
            inputs:
              ids:
                tokens: {vocabulary: words.txt, tokenizer: whitespace, length: 16, buckets: [4, 8]}
              mask: {token-mask: {of: ids}}
            outputs:
              score: {kind: probabilities, deciding: true}
              width: {kind: probabilities, labels: [narrow, wide]}
              rows: {kind: probabilities, labels: [few, many]}
            """;

    @TempDir
    Path directory;

    /** What the score of a text is divided by. */
    private enum Mean {
        OVER_TOKENS,
        OVER_TOKENS_AND_PADDING
    }

    @Test
    void aBatchOfMixedLengthsIsScoredByLength() throws Exception {
        try (TensorFlowModel model = model(Mean.OVER_TOKENS, Shape.of(-1, -1))) {
            model.warmUp();
            List<Example> batch = Stream.of("a b", "a b a b a b", "b b b b b b b b b b", "b", "a")
                    .map(text -> ((Prepared.Ready) model.prepare(new TextPayload(text))).example())
                    .toList();

            List<Scores> scores = model.score(batch);

            assertThat(scores)
                    .extracting(
                            each -> Math.round(100 * each.further().get("width").score(1)))
                    .containsExactly(4, 8, 16, 4, 4);
            assertThat(scores.get(0).deciding().score(1)).isCloseTo(0.25f, within(1e-6f));
            assertThat(scores.get(1).deciding().score(1)).isCloseTo(0.25f, within(1e-6f));
            assertThat(scores.get(2).deciding().score(1)).isCloseTo(0.3f, within(1e-6f));
            assertThat(scores.get(4).deciding().score(1)).isCloseTo(0.2f, within(1e-6f));
        }
    }

    @Test
    void aCallHasNoMoreCellsThanItMay() throws Exception {
        try (TensorFlowModel model = model(Mean.OVER_TOKENS, Shape.of(-1, -1))) {
            model.cutIntoCells(24);
            List<Example> batch = Stream.of("a", "a b a b a", "a b a b a b a b a")
                    .flatMap(text -> Collections.nCopies(7, new TextPayload(text)).stream())
                    .map(payload -> ((Prepared.Ready) model.prepare(payload)).example())
                    .toList();

            List<Scores> scores = model.score(batch);

            // 6 rows of 4, 3 of 8 and 1 of 16 are the most, and calls of one length are of about one size.
            assertThat(scores)
                    .extracting(
                            each -> Math.round(100 * each.further().get("rows").score(1)))
                    .containsExactly(3, 3, 3, 4, 4, 4, 4, 2, 2, 2, 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1);
        }
    }

    @Test
    void aModelThatPaddingMisleadsIsRefused() throws Exception {
        try (TensorFlowModel model = model(Mean.OVER_TOKENS_AND_PADDING, Shape.of(-1, -1))) {
            assertThatThrownBy(model::warmUp)
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("padding changes its answers (")
                    .hasMessageEndingWith("remove 'buckets' from its card");
        }
    }

    @Test
    void aGraphThatHasItsLengthBuiltInIsRefused() {
        assertThatThrownBy(() -> model(Mean.OVER_TOKENS, Shape.of(-1, 16)))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("has the shape [?, 16], and the card gives rows of [?]");
    }

    private TensorFlowModel model(Mean mean, Shape shape) throws IOException {
        Path vocabulary = Files.writeString(freshIn(directory).resolve("words.txt"), "[PAD]\n[UNK]\na\nb\n");
        try (GraphFixture fixture = new GraphFixture()) {
            Ops tf = fixture.tf();
            Placeholder<TInt32> ids = tf.placeholder(TInt32.class, Placeholder.shape(shape));
            Placeholder<TInt32> mask = tf.placeholder(TInt32.class, Placeholder.shape(shape));
            Operand<TInt32> words = tf.constant(1);
            Operand<TFloat32> total = tf.dtypes.cast(tf.sum(tf.math.mul(ids, mask), words), TFloat32.class);
            Operand<TFloat32> present = tf.dtypes.cast(tf.sum(mask, words), TFloat32.class);
            Operand<TFloat32> width = tf.dtypes.cast(tf.sum(tf.onesLike(ids), words), TFloat32.class);
            Operand<TFloat32> rows = tf.dtypes.cast(tf.size(width), TFloat32.class);
            Operand<TFloat32> count = mean == Mean.OVER_TOKENS ? present : width;
            fixture.signature(
                    "serving_default",
                    Map.of("ids", ids, "mask", mask),
                    Map.of(
                            "score", tf.math.div(total, tf.math.mul(count, tf.constant(10f))),
                            "width", tf.math.div(width, tf.constant(100f)),
                            "rows", tf.math.div(tf.math.mul(tf.onesLike(width), rows), tf.constant(100f))));
            return load(new BundleBuilder(CARD, fixture.write(freshIn(directory)))
                    .file("words.txt", vocabulary)
                    .goldenExamples(List.of(new GoldenExample(
                            new TextPayload("a b"), mean == Mean.OVER_TOKENS ? Map.of("bright", 0.25f) : Map.of())))
                    .build(freshIn(directory)));
        }
    }
}
