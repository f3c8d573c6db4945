package dev.penstock.models.architectures;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.schemas.Modality;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/**
 * Two hidden layers over named features, float32 {@code [rows, features]} as they are in the record. The graph brings
 * numbers to mean 0 and deviation 1 of its training data, compresses what lies far out, and gives each category a column
 * of its own.
 */
public final class RecordClassifier extends Architecture {
    private static final String INPUT = "features";

    /** @param firstHidden and {@code secondHidden}: units of the hidden layers */
    public record Size(int firstHidden, int secondHidden) {
        /** 64 and 32 units. */
        public static Size usual() {
            return new Size(64, 32);
        }
    }

    private final List<Feature> features;
    private final Size size;

    public RecordClassifier(List<String> labels, List<Feature> features, Size size) {
        super(labels);
        this.features = List.copyOf(features);
        this.size = size;
        if (features.isEmpty()) {
            throw new IllegalArgumentException("Cannot classify records without features: name one or more");
        }
    }

    @Override
    public String name() {
        return "record-classifier";
    }

    @Override
    public String description() {
        return "Two hidden layers (%d, %d units) over %d features"
                .formatted(size.firstHidden, size.secondHidden, features.size());
    }

    @Override
    public Modality modality() {
        return Modality.RECORD;
    }

    @Override
    public InputSpec input() {
        return new InputSpec.Features(INPUT, features, NumberType.FLOAT32);
    }

    @Override
    public TrainingSettings usualTraining() {
        return new TrainingSettings(6, 64, 2e-3, ClassWeights.SQUARE_ROOT, 0.1, 1);
    }

    @Override
    Layers layers(List<TrainingExample> training) {
        float[] means = new float[features.size()];
        float[] deviations = new float[features.size()];
        for (int feature = 0; feature < means.length; feature++) {
            double sum = 0;
            double squares = 0;
            for (TrainingExample example : training) {
                double value = value(example, feature);
                sum += value;
                squares += value * value;
            }
            double mean = sum / Math.max(1, training.size());
            double variance = squares / Math.max(1, training.size()) - mean * mean;
            means[feature] = (float) mean;
            // A feature that never changes says nothing, and must not become enormous when it does change.
            deviations[feature] = variance > 1e-12 * Math.max(1, mean * mean) ? (float) Math.sqrt(variance) : 1;
        }
        return new Perceptron(means, deviations);
    }

    private static double value(TrainingExample example, int feature) {
        if (example.example().values().get(0) instanceof Value.Floats floats) {
            return floats.values()[feature];
        }
        throw new IllegalArgumentException("Cannot train a record classifier: its examples must be numbers");
    }

    private final class Perceptron implements Layers {
        private final float[] means;
        private final float[] deviations;

        Perceptron(float[] means, float[] deviations) {
            this.means = means;
            this.deviations = deviations;
        }

        @Override
        public Operand<? extends TType> input(Network network) {
            return network.input(INPUT, TFloat32.class, Shape.of(-1, features.size()));
        }

        @Override
        public Operand<TFloat32> logits(Network network, Operand<? extends TType> input) {
            Operand<TFloat32> columns = columns(network.tf(), Network.floats(input));
            Operand<TFloat32> hidden = network.relu(network.dense("hidden1", columns, columnCount(), size.firstHidden));
            hidden = network.relu(
                    network.dense("hidden2", network.dropout(hidden, 0.1), size.firstHidden, size.secondHidden));
            return network.dense("logits", network.dropout(hidden, 0.1), size.secondHidden, labels().size());
        }

        private int columnCount() {
            return features.stream()
                    .mapToInt(feature -> Math.max(1, feature.categories().size()))
                    .sum();
        }

        private Operand<TFloat32> columns(Ops tf, Operand<TFloat32> values) {
            Operand<TFloat32> normal = tf.math.div(tf.math.sub(values, tf.constant(means)), tf.constant(deviations));
            Operand<TFloat32> compressed = tf.math.mul(tf.math.sign(normal), tf.math.log1p(tf.math.abs(normal)));
            if (features.stream().allMatch(feature -> feature.categories().isEmpty())) {
                return compressed;
            }
            List<Operand<TFloat32>> columns = new ArrayList<>();
            for (int feature = 0; feature < features.size(); feature++) {
                int categories = features.get(feature).categories().size();
                columns.add(
                        categories == 0
                                ? column(tf, compressed, feature)
                                : oneHot(tf, column(tf, values, feature), categories));
            }
            return tf.concat(columns, tf.constant(1));
        }

        private static Operand<TFloat32> column(Ops tf, Operand<TFloat32> values, int feature) {
            return tf.slice(values, tf.constant(new int[] {0, feature}), tf.constant(new int[] {-1, 1}));
        }

        private static Operand<TFloat32> oneHot(Ops tf, Operand<TFloat32> places, int categories) {
            Operand<TInt64> flat = tf.dtypes.cast(tf.reshape(places, tf.constant(new int[] {-1})), TInt64.class);
            return tf.oneHot(flat, tf.constant(categories), tf.constant(1f), tf.constant(0f));
        }
    }
}
