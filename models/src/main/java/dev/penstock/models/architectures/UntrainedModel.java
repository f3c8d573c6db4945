package dev.penstock.models.architectures;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/**
 * Writes an architecture as a SavedModel that has learnt nothing yet. Its signatures:
 *
 * <ul>
 *   <li>{@value #SERVING}: the input to {@code probabilities} and {@code logits}, {@code [rows, labels]} each;
 *   <li>{@value #TRAIN}: the input and {@value #LABELS} (int64 {@code [rows]}, places in the list of labels) to
 *       {@value #LOSS}, as on-device training has it: each call is one step of Adam, the loss is the one before it;
 *   <li>{@value #TRAIN_WEIGHTED}: the same step with {@value #WEIGHTS} (float32 {@code [rows]}) and a {@value
 *       #LEARNING_RATE}.
 * </ul>
 */
final class UntrainedModel {
    private static final String GRAPH_FILE = "saved_model.pb";
    static final String SERVING = "serving_default";
    static final String TRAIN = "train";
    static final String TRAIN_WEIGHTED = "train_weighted";
    static final String LABELS = "labels";
    static final String WEIGHTS = "weights";
    static final String LEARNING_RATE = "learning_rate";
    static final String LOSS = "loss";

    private UntrainedModel() {}

    /**
     * @param training examples that constants of the graph may be taken from
     * @param config of the session that draws the first weights
     */
    static void write(
            Architecture architecture,
            List<TrainingExample> training,
            TrainingSettings settings,
            byte[] config,
            Path directory)
            throws IOException {
        try (Graph graph = new Graph()) {
            Network network = new Network(graph, settings.seed());
            List<Signature> signatures = build(architecture, training, settings, network);
            try (Session session = new Session(graph, parse(config))) {
                session.initialize();
                SavedModelBundle.exporter(directory.toString())
                        .withSession(session)
                        .withSignatures(signatures.toArray(Signature[]::new))
                        .export();
            }
            writeInOneOrder(directory.resolve(GRAPH_FILE));
        }
    }

    /** TensorFlow writes maps in the order of their places in memory, so that one graph would give several files. */
    private static void writeInOneOrder(Path file) throws IOException {
        SavedModel savedModel = SavedModel.parseFrom(Files.readAllBytes(file));
        byte[] bytes = new byte[savedModel.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        savedModel.writeTo(out);
        out.checkNoSpaceLeft();
        Files.write(file, bytes);
    }

    static ConfigProto parse(byte[] config) {
        try {
            return ConfigProto.parseFrom(config);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("Cannot configure a session: %s".formatted(e.getMessage()), e);
        }
    }

    private static List<Signature> build(
            Architecture architecture, List<TrainingExample> training, TrainingSettings settings, Network network) {
        Ops tf = network.tf();
        String name = architecture.input().name();
        Layers layers = architecture.layers(training);
        Operand<? extends TType> input = layers.input(network);
        Operand<TFloat32> logits = layers.logits(network, input);
        Operand<TFloat32> probabilities = tf.nn.softmax(logits);

        Operand<TInt64> labels = network.input(LABELS, TInt64.class, Shape.of(-1));
        Operand<TFloat32> weights =
                tf.withName(WEIGHTS).placeholderWithDefault(tf.constant(new float[] {1}), Shape.of(-1));
        // Going on with what was learnt already asks for smaller steps than learning it.
        float gently = (float) (settings.learningRate() / 4);
        Operand<TFloat32> learningRate =
                tf.withName(LEARNING_RATE).placeholderWithDefault(tf.constant(gently), Shape.scalar());
        Operand<TFloat32> trained = layers.logits(network.in(Network.Mode.TRAINING), input);
        Operand<TFloat32> oneHot =
                tf.oneHot(labels, tf.constant(architecture.labels().size()), tf.constant(1f), tf.constant(0f));
        Operand<TFloat32> losses =
                tf.nn.softmaxCrossEntropyWithLogits(trained, oneHot).loss();
        Operand<TFloat32> loss = tf.math.mean(tf.math.mul(losses, weights), tf.constant(0));
        Operand<TFloat32> step = network.minimise(loss, learningRate);
        return List.of(
                Signature.builder(SERVING)
                        .input(name, input)
                        .output(Architecture.PROBABILITIES, probabilities)
                        .output("logits", logits)
                        .build(),
                Signature.builder(TRAIN)
                        .input(name, input)
                        .input(LABELS, labels)
                        .output(LOSS, step)
                        .build(),
                Signature.builder(TRAIN_WEIGHTED)
                        .input(name, input)
                        .input(LABELS, labels)
                        .input(WEIGHTS, weights)
                        .input(LEARNING_RATE, learningRate)
                        .output(LOSS, step)
                        .build());
    }
}
