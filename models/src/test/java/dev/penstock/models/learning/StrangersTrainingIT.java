package dev.penstock.models.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.architectures.ClassWeights;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.judging.GateSettings;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.LabelledExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * A SavedModel that owes nothing to Penstock: plain TensorFlow with names of its own, after the convention of on-device
 * training (a signature {@code train} of inputs and labels to a loss).
 */
class StrangersTrainingIT {
    private static final TensorFlowRuntime RUNTIME = TensorFlowRuntime.inCallingThread();

    @TempDir
    private Path directory;

    /** Logistic regression by gradient descent; labels are one-hot. */
    private Path savedModel(boolean trainable) throws IOException {
        Path savedModel = directory.resolve("strangers");
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Ops first = tf.withInitScope();
            Operand<TFloat32> x = tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<TFloat32> y = tf.withName("y").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Variable<TFloat32> w = tf.withName("w").variable(first.constant(new float[][] {{0, 0}, {0, 0}}));
            Variable<TFloat32> b = tf.withName("b").variable(first.constant(new float[] {0, 0}));
            Operand<TFloat32> logits = tf.math.add(tf.linalg.matMul(x, w), b);
            Operand<TFloat32> loss =
                    tf.math.mean(tf.nn.softmaxCrossEntropyWithLogits(logits, y).loss(), tf.constant(0));
            Output<?>[] gradients = graph.addGradients(loss.asOutput(), new Output<?>[] {w.asOutput(), b.asOutput()});
            List<Op> steps = List.of(descend(tf, w, gradients[0]), descend(tf, b, gradients[1]));
            Operand<TFloat32> trained = tf.withControlDependencies(steps).identity(loss);
            List<Signature> signatures = new ArrayList<>();
            signatures.add(Signature.builder("infer")
                    .input("x", x)
                    .output("output", logits)
                    .build());
            if (trainable) {
                signatures.add(Signature.builder("train")
                        .input("x", x)
                        .input("y", y)
                        .output("loss", trained)
                        .build());
            }
            try (Session session = new Session(graph)) {
                session.initialize();
                SavedModelBundle.exporter(savedModel.toString())
                        .withSession(session)
                        .withSignatures(signatures.toArray(Signature[]::new))
                        .export();
            }
        }
        return savedModel;
    }

    @SuppressWarnings("unchecked") // The gradient of a float32 is one.
    private static Op descend(Ops tf, Variable<TFloat32> variable, Output<?> gradient) {
        return tf.train.applyGradientDescent(variable, tf.constant(0.2f), (Output<TFloat32>) gradient);
    }

    private Bundle parent(boolean trainable) throws IOException {
        String card = """
                card-version: 1
                name: strangers
                version: 4
                task: binary
                modality: record
                labels: [below, above]
                signature: infer
                inputs:
                  x:
                    features: [a, b]
                outputs:
                  output: logits
                """;
        return new BundleBuilder(card, savedModel(trainable)).build(directory.resolve("parent"));
    }

    /** Whether a and a rolling b together are above 0. */
    private static List<LabelledExample> examples(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LabelledExample> examples = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            double a = random.nextDouble(-1, 1);
            double b = random.nextDouble(-1, 1);
            examples.add(SomeExamples.example("request-%d-%d".formatted(seed, index), a + b > 0 ? "above" : "below")
                    .setPayload(new FeaturesPayload(Map.of("a", a), Map.of()))
                    .setFeatures(Map.of("b", b))
                    .build());
        }
        return examples;
    }

    private static LearningSettings settings(ClassWeights classWeights) {
        GateSettings usual = GateSettings.usual();
        return new LearningSettings(
                new TrainingSettings(20, 10, 1e-2, classWeights, 0, 1),
                Start.PARENT,
                10,
                50,
                4,
                new GateSettings(0.05, 50, 0, 0, 0.05, 0.05, 50, 0.02, usual.goldenAgreement(), 1.5, 1_000));
    }

    @Test
    void learnsThroughItsOwnSignature() throws IOException {
        LearningTask task =
                new LearningTask(parent(true), 5, new TrainingSet(examples(300, 1), examples(100, 2)), Map.of());

        Candidate candidate = new CandidateBuilder(RUNTIME, settings(ClassWeights.NONE))
                .next(task, progress -> {}, directory.resolve("next"));

        assertThat(candidate.report().refusals()).isEmpty();
        assertThat(candidate.report().candidate().accuracy()).isGreaterThan(0.95);
        assertThat(candidate.report().serving().orElseThrow().accuracy()).isLessThan(0.65);
        assertThat(candidate.bundle().card().lineage()).containsEntry("example-weights", "not heeded");
        assertThat(candidate.bundle().card().calibration()).isPresent();
        assertThat(candidate.bundle().reference().orElseThrow().getDistributions())
                .containsKeys("feature.a", "rolling.b", "score.above", "confidence", "decision");
    }

    @Test
    void saysWhatItCannotHeed() throws IOException {
        LearningTask task =
                new LearningTask(parent(true), 5, new TrainingSet(examples(30, 1), examples(10, 2)), Map.of());

        assertThatThrownBy(() -> new CandidateBuilder(RUNTIME, settings(ClassWeights.BALANCED))
                        .next(task, progress -> {}, directory.resolve("next")))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("it has no signature 'train_weighted'; use NONE");
    }

    @Test
    void saysThatAModelWithoutTheSignatureCannotLearn() throws IOException {
        LearningTask task =
                new LearningTask(parent(false), 5, new TrainingSet(examples(30, 1), examples(10, 2)), Map.of());

        assertThatThrownBy(() -> new CandidateBuilder(RUNTIME, settings(ClassWeights.NONE))
                        .next(task, progress -> {}, directory.resolve("next")))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("it has no signature 'train' among [infer]; export one");
    }
}
