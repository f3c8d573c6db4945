package dev.penstock.bench.workloads;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.VectorPayload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * The small network of Horchidan et al., Crayfish (EDBT 2024): 28 × 28 values, one hidden layer, ten classes, 28
 * thousand weights. Scoring a row is so little work that everything around it shows.
 */
final class DenseNetwork implements Workload {
    private static final int CLASSES = 10;
    private static final int PAYLOADS = 1_024;
    private static final String INPUT = "pixels";
    private static final String OUTPUT = "probabilities";

    private final String name;
    private final int inputs;
    private final int hidden;
    private final float[] hiddenKernel;
    private final float[] hiddenBias;
    private final float[] kernel;
    private final float[] bias;

    DenseNetwork() {
        this("dense", 784, 35);
    }

    /** One of other sizes, to see what growing costs. */
    DenseNetwork(String name, int inputs, int hidden) {
        this.name = name;
        this.inputs = inputs;
        this.hidden = hidden;
        SplittableRandom random = new SplittableRandom(17);
        hiddenKernel = drawn(random, inputs * hidden, Math.sqrt(2.0 / inputs));
        hiddenBias = drawn(random, hidden, 0.1);
        kernel = drawn(random, hidden * CLASSES, Math.sqrt(2.0 / hidden));
        bias = drawn(random, CLASSES, 0.1);
    }

    private static float[] drawn(SplittableRandom random, int count, double deviation) {
        float[] values = new float[count];
        for (int index = 0; index < count; index++) {
            values[index] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "dense network %d-%d-%d, %d parameters, %d float32 values a record"
                .formatted(
                        inputs,
                        hidden,
                        CLASSES,
                        hiddenKernel.length + hiddenBias.length + kernel.length + bias.length,
                        inputs);
    }

    @Override
    public Modality modality() {
        return Modality.RECORD;
    }

    @Override
    public Weight weight() {
        return Weight.LIGHT;
    }

    @Override
    public List<Object> payloads() {
        SplittableRandom random = new SplittableRandom(18);
        List<Object> payloads = new ArrayList<>(PAYLOADS);
        for (int number = 0; number < PAYLOADS; number++) {
            ByteBuffer values = ByteBuffer.allocate(inputs * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int index = 0; index < inputs; index++) {
                values.putFloat((float) random.nextDouble());
            }
            payloads.add(new VectorPayload(values.flip()));
        }
        return payloads;
    }

    @Override
    public Bundle build(Path directory) throws IOException {
        Path savedModel = directory.resolveSibling(directory.getFileName() + "-saved-model");
        write(savedModel);
        String features =
                IntStream.range(0, inputs).mapToObj(index -> "p" + index).collect(Collectors.joining(", "));
        return new BundleBuilder("""
                        card-version: 1
                        name: %s
                        version: 1
                        task: multiclass
                        modality: record
                        labels: [zero, one, two, three, four, five, six, seven, eight, nine]
                        inputs:
                          %s:
                            features: [%s]
                        outputs:
                          %s: probabilities
                        """.formatted(name(), INPUT, features, OUTPUT), savedModel).build(directory);
    }

    private void write(Path savedModel) throws IOException {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Operand<TFloat32> pixels =
                    tf.withName(INPUT).placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, inputs)));
            Operand<TFloat32> layer = tf.nn.relu(dense(tf, pixels, hiddenKernel, hiddenBias, inputs, hidden));
            Operand<TFloat32> logits = dense(tf, layer, kernel, bias, hidden, CLASSES);
            Signature signature = Signature.builder("serving_default")
                    .input(INPUT, pixels)
                    .output(OUTPUT, tf.nn.softmax(logits))
                    .build();
            try (Session session = new Session(graph)) {
                session.initialize();
                SavedModelBundle.exporter(savedModel.toString())
                        .withSession(session)
                        .withSignature(signature)
                        .export();
            }
        }
    }

    private static Operand<TFloat32> dense(
            Ops tf, Operand<TFloat32> rows, float[] kernel, float[] bias, long inputs, long outputs) {
        Ops first = tf.withInitScope();
        Operand<TFloat32> weights =
                tf.variable(first.constant(Shape.of(inputs, outputs), DataBuffers.of(kernel, true, false)));
        Operand<TFloat32> offsets = tf.variable(first.constant(bias));
        return tf.math.add(tf.linalg.matMul(rows, weights), offsets);
    }

    @Override
    public Optional<byte[]> onnx() {
        return Optional.of(new OnnxModel(INPUT, inputs, OUTPUT, CLASSES)
                .dense("hidden", hiddenKernel, hiddenBias)
                .relu()
                .dense("logits", kernel, bias)
                .softmax()
                .toBytes());
    }
}
