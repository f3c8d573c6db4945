package dev.penstock.models.architectures;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * The layers that the architectures are made of, in one graph. First weights and dropout are drawn from the seed alone,
 * without generator state: the same seed gives the same network, and training goes on after a reload as it would have.
 *
 * <p>A network is built twice over the same weights: as it serves, and as it trains, with dropout.
 */
final class Network {
    /** Whether dropout and the like are on. */
    enum Mode {
        SERVING,
        TRAINING
    }

    private static final float LAYER_NORM_EPSILON = 1e-6f;

    private final Graph graph;
    private final Ops tf;
    private final long seed;
    private final Mode mode;
    private final Map<String, Variable<TFloat32>> weights;
    private final Variable<TInt64> step;
    private int randomDraws;

    Network(Graph graph, long seed) {
        this.graph = graph;
        this.tf = Ops.create(graph);
        this.seed = seed;
        this.mode = Mode.SERVING;
        this.weights = new LinkedHashMap<>();
        this.step = tf.withName("step").variable(tf.withInitScope().constant(0L));
    }

    private Network(Network other, Mode mode) {
        this.graph = other.graph;
        this.tf = other.tf;
        this.seed = other.seed;
        this.mode = mode;
        this.weights = other.weights;
        this.step = other.step;
    }

    /** The same weights, to be used in another mode. */
    Network in(Mode otherMode) {
        return new Network(this, otherMode);
    }

    Ops tf() {
        return tf;
    }

    boolean isTraining() {
        return mode == Mode.TRAINING;
    }

    /** What a signature feeds. */
    <T extends TType> Operand<T> input(String name, Class<T> type, Shape shape) {
        return tf.withName(name).placeholder(type, Placeholder.shape(shape));
    }

    @SuppressWarnings("unchecked") // Whoever made the input knows its type.
    static Operand<TFloat32> floats(Operand<? extends TType> input) {
        return (Operand<TFloat32>) input;
    }

    @SuppressWarnings("unchecked") // As above.
    static Operand<TString> strings(Operand<? extends TType> input) {
        return (Operand<TString>) input;
    }

    /** Weights of this name; their first values are normal with the deviation, cut at two deviations. */
    Operand<TFloat32> weights(String name, double deviation, long... shape) {
        Variable<TFloat32> known = weights.get(name);
        if (known != null) {
            return known;
        }
        Ops first = tf.withInitScope();
        Operand<TFloat32> drawn = first.random.statelessTruncatedNormal(
                first.constant(shape), first.constant(new long[] {seed, weights.size()}));
        return variable(name, first.math.mul(drawn, first.constant((float) deviation)));
    }

    /** Weights of this name whose first values are all the same. */
    Operand<TFloat32> constantWeights(String name, float value, long... shape) {
        Variable<TFloat32> known = weights.get(name);
        Ops first = tf.withInitScope();
        return known != null ? known : variable(name, first.fill(first.constant(shape), first.constant(value)));
    }

    private Variable<TFloat32> variable(String name, Operand<TFloat32> first) {
        Variable<TFloat32> variable = tf.withName(name).variable(first);
        weights.put(name, variable);
        return variable;
    }

    /** {@code [rows, inputs]} to {@code [rows, outputs]}. */
    Operand<TFloat32> dense(String name, Operand<TFloat32> rows, long inputs, long outputs) {
        // He et al. 2015, for layers before a ReLU; for others a fair start too.
        Operand<TFloat32> kernel = weights(name + ".kernel", Math.sqrt(2.0 / inputs), inputs, outputs);
        Operand<TFloat32> bias = constantWeights(name + ".bias", 0, outputs);
        return tf.math.add(tf.linalg.matMul(rows, kernel), bias);
    }

    /** {@code [rows, height, width, inputs]} to {@code [rows, height, width, outputs]}, with a ReLU. */
    Operand<TFloat32> convolution(
            String name, Operand<TFloat32> images, long height, long width, long inputs, long outputs) {
        double deviation = Math.sqrt(2.0 / (height * width * inputs));
        Operand<TFloat32> kernel = weights(name + ".kernel", deviation, height, width, inputs, outputs);
        Operand<TFloat32> bias = constantWeights(name + ".bias", 0, outputs);
        return tf.nn.relu(tf.nn.biasAdd(tf.nn.conv2d(images, kernel, List.of(1L, 1L, 1L, 1L), "SAME"), bias));
    }

    /** The highest of each window; what is left over at the edges counts as one. */
    Operand<TFloat32> pool(Operand<TFloat32> images, int height, int width) {
        Operand<TInt32> window = tf.constant(new int[] {1, height, width, 1});
        return tf.nn.maxPool(images, window, window, "SAME");
    }

    Operand<TFloat32> relu(Operand<TFloat32> values) {
        return tf.nn.relu(values);
    }

    /** @param shape with one -1 for what is not known */
    Operand<TFloat32> reshape(Operand<TFloat32> values, long... shape) {
        return tf.reshape(values, tf.constant(shape));
    }

    /** Normalises the last axis: Ba, Kiros, Hinton 2016. */
    Operand<TFloat32> layerNorm(String name, Operand<TFloat32> values, long width) {
        Operand<TFloat32> mean = tf.math.mean(values, tf.constant(-1), Mean.keepDims(true));
        Operand<TFloat32> centred = tf.math.sub(values, mean);
        Operand<TFloat32> variance = tf.math.mean(tf.math.square(centred), tf.constant(-1), Mean.keepDims(true));
        Operand<TFloat32> normal =
                tf.math.mul(centred, tf.math.rsqrt(tf.math.add(variance, tf.constant(LAYER_NORM_EPSILON))));
        Operand<TFloat32> gain = constantWeights(name + ".gain", 1, width);
        Operand<TFloat32> offset = constantWeights(name + ".offset", 0, width);
        return tf.math.add(tf.math.mul(normal, gain), offset);
    }

    /** Leaves out that share of the values while training, other ones at each step. */
    Operand<TFloat32> dropout(Operand<TFloat32> values, double share) {
        if (!isTraining() || share == 0) {
            return values;
        }
        Operand<TFloat32> keep = tf.dtypes.cast(
                tf.math.greaterEqual(uniform(tf.shape(values, TInt64.class)), tf.constant((float) share)),
                TFloat32.class);
        return tf.math.mul(tf.math.mul(values, keep), tf.constant((float) (1 / (1 - share))));
    }

    /** Numbers from 0 to 1 that depend on the seed, the training step and the place in the graph. */
    Operand<TFloat32> uniform(Operand<TInt64> shape) {
        randomDraws++;
        Operand<TInt64> key = tf.stack(List.of(tf.constant(seed + 7919L * randomDraws), step));
        return tf.random.statelessRandomUniform(shape, key);
    }

    /**
     * One step of Adam (Kingma, Ba 2015) on all weights. The moments are variables of the graph and so are saved with
     * it.
     *
     * @return the loss before the step; whoever reads it takes the step
     */
    Operand<TFloat32> minimise(Operand<TFloat32> loss, Operand<TFloat32> learningRate) {
        List<Variable<TFloat32>> trained = new ArrayList<>(weights.values());
        Output<?>[] gradients = graph.addGradients(
                loss.asOutput(), trained.stream().map(Variable::asOutput).toArray(Output<?>[]::new));
        Operand<TFloat32> first = tf.constant(0.9f);
        Operand<TFloat32> second = tf.constant(0.999f);
        Variable<TFloat32> firstPower = scalar("adam.first-power", 0.9f);
        Variable<TFloat32> secondPower = scalar("adam.second-power", 0.999f);
        List<Op> updates = new ArrayList<>();
        for (int index = 0; index < trained.size(); index++) {
            Variable<TFloat32> weight = trained.get(index);
            String name = "adam." + weight.op().name();
            updates.add(tf.train.applyAdam(
                    weight,
                    moment(name + ".first", weight),
                    moment(name + ".second", weight),
                    firstPower,
                    secondPower,
                    learningRate,
                    first,
                    second,
                    tf.constant(1e-7f),
                    gradient(gradients[index])));
        }
        Ops after = tf.withControlDependencies(updates);
        List<Op> step = List.of(
                after.assign(firstPower, after.math.mul(firstPower, first)),
                after.assign(secondPower, after.math.mul(secondPower, second)),
                after.assignAdd(this.step, after.constant(1L)));
        return tf.withControlDependencies(step).identity(loss);
    }

    @SuppressWarnings("unchecked") // The gradient of a float32 is one.
    private static Operand<TFloat32> gradient(Output<?> gradient) {
        return (Output<TFloat32>) gradient;
    }

    private Variable<TFloat32> scalar(String name, float value) {
        return tf.withName(name).variable(tf.withInitScope().constant(value));
    }

    private Variable<TFloat32> moment(String name, Variable<TFloat32> weight) {
        Ops first = tf.withInitScope();
        return tf.withName(name)
                .variable(first.fill(first.constant(weight.shape().asArray()), first.constant(0f)));
    }
}
