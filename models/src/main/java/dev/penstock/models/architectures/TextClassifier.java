package dev.penstock.models.architectures;

import dev.penstock.models.card.InputSpec;
import dev.penstock.schemas.Modality;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.strings.Lower;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.op.strings.Substr;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * A transformer encoder (Vaswani et al. 2017, normalised before each layer) over the first words of a text, string
 * {@code [rows]}. Words are made in the graph: lower case, every digit a 0, punctuation marks words of their own; each
 * word's vector is found by its hash, so there is no vocabulary to grow old. The mean of the words' own vectors goes
 * past the encoder to the last layer: it learns from the first few hundred examples, when attention has not yet.
 *
 * <p>While it trains, words are left out at random.
 */
public final class TextClassifier extends Architecture {
    private static final String INPUT = "text";
    private static final int CHARACTERS_A_WORD = 16;

    /**
     * @param words that are read from the start of a text
     * @param buckets that words are hashed into
     * @param width of a word's vector, a multiple of the heads
     */
    public record Size(int words, int buckets, int width, int layers, int heads) {
        public Size {
            if (words < 1 || buckets < 1 || width < 1 || layers < 0 || heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "Cannot lay out %d words, %d buckets, %d layers of width %d with %d heads: width must be a multiple of heads"
                                .formatted(words, buckets, layers, width, heads));
            }
        }

        /** 96 words, 16,384 buckets, width 48, 2 layers, 4 heads. */
        public static Size usual() {
            return new Size(96, 16_384, 48, 2, 4);
        }
    }

    private final Size size;

    public TextClassifier(List<String> labels, Size size) {
        super(labels);
        this.size = size;
    }

    @Override
    public String name() {
        return "text-classifier";
    }

    @Override
    public String description() {
        return "Transformer encoder (%d layers, %d heads, width %d) over the first %d words, hashed into %d"
                .formatted(size.layers, size.heads, size.width, size.words, size.buckets);
    }

    @Override
    public Modality modality() {
        return Modality.TEXT;
    }

    @Override
    public InputSpec input() {
        return new InputSpec.Text(INPUT, false);
    }

    @Override
    public TrainingSettings usualTraining() {
        return new TrainingSettings(5, 32, 3e-3, ClassWeights.NONE, 0.1, 1);
    }

    @Override
    Layers layers(List<TrainingExample> training) {
        return new Encoder();
    }

    private final class Encoder implements Layers {
        @Override
        public Operand<? extends TType> input(Network network) {
            return network.input(INPUT, TString.class, Shape.of(-1));
        }

        @Override
        public Operand<TFloat32> logits(Network network, Operand<? extends TType> input) {
            Ops tf = network.tf();
            Operand<TInt64> ids = someLeftOut(network, ids(tf, Network.strings(input)));
            Operand<TFloat32> present = tf.dtypes.cast(tf.math.notEqual(ids, tf.constant(0L)), TFloat32.class);
            Operand<TFloat32> table = network.weights("words", 0.05, size.buckets + 1L, size.width);
            Operand<TFloat32> words = tf.gather(table, ids, tf.constant(0));
            Operand<TFloat32> positions = network.weights("positions", 0.02, size.words, size.width);
            // Rows of words, all texts of the batch in one: layers work on words, attention alone on texts.
            Operand<TFloat32> rows =
                    network.reshape(network.dropout(tf.math.add(words, positions), 0.3), -1, size.width);
            for (int layer = 1; layer <= size.layers; layer++) {
                rows = layer(network, "layer" + layer, rows, present);
            }
            Operand<TFloat32> read =
                    network.reshape(network.layerNorm("norm", rows, size.width), -1, size.words, size.width);
            Operand<TFloat32> both =
                    tf.concat(List.of(mean(tf, read, present), mean(tf, words, present)), tf.constant(1));
            return network.dense("logits", network.dropout(both, 0.3), 2L * size.width, labels().size());
        }

        /** {@code [rows, words]}; 0 where a text has no more words. */
        private Operand<TInt64> ids(Ops tf, Operand<TString> texts) {
            Operand<TString> start = tf.strings.substr(
                    texts, tf.constant(0), tf.constant(CHARACTERS_A_WORD * size.words), Substr.unit("UTF8_CHAR"));
            Operand<TString> lower = tf.strings.lower(start, Lower.encoding("utf-8"));
            Operand<TString> digits = tf.strings.staticRegexReplace(lower, "\\p{N}", "0");
            Operand<TString> spaced = tf.strings.staticRegexReplace(digits, "([^\\p{L}\\p{M}0])", " \\1 ");
            // The split after the last word wanted leaves the rest of the text as one more.
            StringSplit split =
                    tf.strings.stringSplit(spaced, tf.constant(""), StringSplit.maxsplit((long) size.words));
            Operand<TInt64> hashed =
                    tf.math.add(tf.strings.toHashBucketFast(split.values(), (long) size.buckets), tf.constant(1L));
            Operand<TInt64> shape =
                    tf.stack(List.of(tf.stridedSlice(split.shape(), Indices.at(0)), tf.constant(size.words + 1L)));
            Operand<TInt64> all = tf.sparse.sparseToDense(split.indices(), shape, hashed, tf.constant(0L));
            return tf.slice(all, tf.constant(new long[] {0, 0}), tf.constant(new long[] {-1, size.words}));
        }

        private Operand<TInt64> someLeftOut(Network network, Operand<TInt64> ids) {
            if (!network.isTraining()) {
                return ids;
            }
            Ops tf = network.tf();
            Operand<TFloat32> drawn = network.uniform(tf.shape(ids, TInt64.class));
            return tf.math.mul(ids, tf.dtypes.cast(tf.math.greaterEqual(drawn, tf.constant(0.3f)), TInt64.class));
        }

        private Operand<TFloat32> layer(
                Network network, String name, Operand<TFloat32> rows, Operand<TFloat32> present) {
            Ops tf = network.tf();
            int width = size.width;
            Operand<TFloat32> attended =
                    attention(network, name, network.layerNorm(name + ".norm1", rows, width), present);
            Operand<TFloat32> between = tf.math.add(rows, network.dropout(attended, 0.3));
            Operand<TFloat32> wide = network.relu(
                    network.dense(name + ".up", network.layerNorm(name + ".norm2", between, width), width, 2L * width));
            Operand<TFloat32> narrow = network.dense(name + ".down", wide, 2L * width, width);
            return tf.math.add(between, network.dropout(narrow, 0.3));
        }

        private Operand<TFloat32> attention(
                Network network, String name, Operand<TFloat32> rows, Operand<TFloat32> present) {
            Ops tf = network.tf();
            int heads = size.heads;
            int headWidth = size.width / heads;
            Operand<TInt32> wordsAndHeads = tf.constant(new int[] {0, 2, 1, 3});
            Operand<TFloat32> projected = network.reshape(
                    network.dense(name + ".projections", rows, size.width, 3L * size.width),
                    -1,
                    size.words,
                    3L * heads,
                    headWidth);
            List<org.tensorflow.Output<TFloat32>> parts = tf.split(
                            tf.constant(1), tf.linalg.transpose(projected, wordsAndHeads), 3L)
                    .output();
            Operand<TFloat32> scores = tf.math.mul(
                    tf.train.batchMatMul(parts.get(0), parts.get(1), TFloat32.class, BatchMatMul.adjY(true)),
                    tf.constant((float) (1 / Math.sqrt(headWidth))));
            // No word looks at what is not there.
            Operand<TFloat32> absent = network.reshape(
                    tf.math.mul(tf.math.sub(present, tf.constant(1f)), tf.constant(1e9f)), -1, 1, 1, size.words);
            Operand<TFloat32> shares = tf.nn.softmax(tf.math.add(scores, absent));
            Operand<TFloat32> mixed =
                    tf.linalg.transpose(tf.train.batchMatMul(shares, parts.get(2), TFloat32.class), wordsAndHeads);
            return network.dense(name + ".mix", network.reshape(mixed, -1, size.width), size.width, size.width);
        }

        /** Over the words that are there: {@code [rows, width]}. */
        private Operand<TFloat32> mean(Ops tf, Operand<TFloat32> words, Operand<TFloat32> present) {
            Operand<TFloat32> weights = tf.expandDims(present, tf.constant(2));
            Operand<TFloat32> count =
                    tf.math.maximum(tf.sum(present, tf.constant(1), Sum.keepDims(true)), tf.constant(1f));
            return tf.math.div(tf.sum(tf.math.mul(words, weights), tf.constant(1)), count);
        }
    }
}
