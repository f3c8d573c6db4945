package dev.penstock.models.architectures;

import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.preprocessing.Preprocessor;
import dev.penstock.models.preprocessing.Preprocessors;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.tensorflow.TensorFlow;

/**
 * Trains models: a first version of one of Penstock's architectures, or the next version of any SavedModel with a
 * training signature, whoever made it. Both go through that signature, so what can be made here can be retrained.
 *
 * <p>The same examples, settings and machine give the same model as far as TensorFlow's kernels go: where they run in
 * the calling thread, scores come out the same to the last bit.
 *
 * <p>Thread-safe; two trainings at once share the processor, not the model.
 */
public final class Training {
    /** Takes about as long as a step of the usual size, after which it rests as well. */
    private static final int SCORED_AT_ONCE = 64;

    /** So that what early stopping looks at is not what a held-out share was taken from. */
    private static final long VALIDATION_SEED = 0x9E3779B97F4A7C15L;

    private final TensorFlowRuntime runtime;
    private final TrainingObserver observer;

    /** @param observer called in the thread that trains */
    public Training(TensorFlowRuntime runtime, TrainingObserver observer) {
        this.runtime = runtime;
        this.observer = observer;
    }

    /**
     * Trains version 1 of a model from nothing.
     *
     * @param savedModel directory to write to; it must not be there yet, or be empty
     * @throws IllegalArgumentException if a payload cannot be read or a label is not the architecture's
     * @throws ModelFailedException if TensorFlow fails
     */
    public Trained firstVersion(
            Architecture architecture,
            String model,
            List<LabelledPayload> payloads,
            TrainingSettings settings,
            Path savedModel)
            throws IOException {
        requireFree(savedModel);
        ModelCard card = architecture.card(model, 1);
        List<TrainingExample> examples = prepared(card, payloads);
        HeldOut split = HeldOut.of(examples, card.labels().size(), settings.heldOutShare(), settings.seed());
        Path untrained = Files.createTempDirectory("penstock-untrained");
        try {
            UntrainedModel.write(architecture, split.training(), settings, runtime.sessionConfig(), untrained);
            return train(card, untrained, Start.PARENT, split, settings, savedModel);
        } finally {
            delete(untrained);
        }
    }

    /**
     * Writes an architecture as a SavedModel that has learnt nothing yet, to be trained as a next version is.
     *
     * @param training examples that constants of the graph, such as means, may be taken from
     * @param savedModel directory to write to; it must not be there yet, or be empty
     */
    public void untrained(
            Architecture architecture, List<TrainingExample> training, TrainingSettings settings, Path savedModel)
            throws IOException {
        requireFree(savedModel);
        UntrainedModel.write(architecture, training, settings, runtime.sessionConfig(), savedModel);
    }

    /** The same as below, starting from the parent's weights. */
    public Trained nextVersion(
            ModelCard parent,
            Path parentSavedModel,
            int version,
            List<TrainingExample> training,
            List<TrainingExample> heldOut,
            TrainingSettings settings,
            Path savedModel)
            throws IOException {
        return nextVersion(parent, parentSavedModel, Start.PARENT, version, training, heldOut, settings, savedModel);
    }

    /**
     * Trains a model again, through its own training signature.
     *
     * @param parent card of the version to start from
     * @param parentSavedModel its SavedModel; it stays as it is
     * @param start with which weights
     * @param version of the new model
     * @param training examples to learn from
     * @param heldOut examples to measure with, none of them in {@code training}; the settings' share is not looked at
     * @param savedModel directory to write to; it must not be there yet, or be empty
     * @throws ModelRefusedException if the model has no training signature that can be used, or cannot draw first
     *     weights where it is to start from scratch
     * @throws ModelFailedException if TensorFlow fails, or the loss is no longer a finite number
     * @throws TrainingCancelledException if the observer says so, or the thread is interrupted
     */
    public Trained nextVersion(
            ModelCard parent,
            Path parentSavedModel,
            Start start,
            int version,
            List<TrainingExample> training,
            List<TrainingExample> heldOut,
            TrainingSettings settings,
            Path savedModel)
            throws IOException {
        requireFree(savedModel);
        Map<String, String> lineage = new LinkedHashMap<>(parent.lineage());
        lineage.put("parent", Integer.toString(parent.version()));
        lineage.put("start", start.name().toLowerCase(Locale.ROOT));
        ModelCard card = parent.trainedAnew(version, Optional.empty(), Map.of(), lineage);
        return train(card, parentSavedModel, start, new HeldOut(training, heldOut), settings, savedModel);
    }

    /**
     * Accuracy and, for two labels, the area under the ROC curve of any SavedModel with a training signature.
     *
     * @param examples one or more
     * @throws ModelRefusedException if it cannot be loaded
     * @throws ModelFailedException if TensorFlow fails
     */
    public Map<String, Double> measure(ModelCard card, Path savedModel, List<TrainingExample> examples) {
        try (TrainableModel model = TrainableModel.open(card, savedModel, runtime.sessionConfig())) {
            return measure(model, card, examples, new DutyCycle(1)::rest);
        }
    }

    /** Payloads as rows of the model, in order. */
    public static List<TrainingExample> prepared(ModelCard card, List<LabelledPayload> payloads) {
        Preprocessor preprocessor = Preprocessors.of(card, Path.of(""));
        List<TrainingExample> examples = new ArrayList<>(payloads.size());
        for (LabelledPayload payload : payloads) {
            int label = card.labels().indexOf(payload.label());
            if (label < 0) {
                throw new IllegalArgumentException("Cannot train model '%s' on payload %d: its label '%s' is none of %s"
                        .formatted(card.name(), examples.size() + 1, payload.label(), card.labels()));
            }
            Prepared prepared = preprocessor.prepare(payload.payload());
            if (prepared instanceof Prepared.Ready ready) {
                examples.add(new TrainingExample(ready.example(), label));
            } else {
                throw new IllegalArgumentException("Cannot train model '%s' on payload %d: %s"
                        .formatted(card.name(), examples.size() + 1, prepared));
            }
        }
        return examples;
    }

    private Trained train(ModelCard card, Path from, Start start, HeldOut split, TrainingSettings settings, Path into)
            throws IOException {
        if (card.task() == Task.MULTILABEL || split.training().isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot train model '%s' for %s on %d examples: labels must exclude each other, and there must be one example"
                            .formatted(
                                    card.name(), card.task(), split.training().size()));
        }
        Path best = Files.createTempDirectory("penstock-best-weights");
        try (TrainableModel model = TrainableModel.open(card, from, runtime.sessionConfig())) {
            if (start == Start.SCRATCH) {
                model.initialise();
            }
            Fit fit = fit(model, card, split.training(), settings, best);
            Map<String, Double> metrics = split.heldOut().isEmpty()
                    ? Map.of()
                    : measure(model, card, split.heldOut(), new DutyCycle(settings.dutyCycle())::rest);
            model.save(into);
            ModelCard trained =
                    card.trainedAnew(card.version(), card.calibration(), metrics, lineage(card, split, settings, fit));
            return new Trained(
                    trained,
                    fit.loss(),
                    split.training().size(),
                    split.heldOut().size(),
                    fit.epochs(),
                    fit.kept());
        } finally {
            delete(best);
        }
    }

    /**
     * How the training went.
     *
     * @param loss mean over the last epoch's steps
     * @param epochs that were trained
     * @param kept after how many epochs the weights were those that are kept
     * @param weighted whether examples counted by their weights
     */
    private record Fit(double loss, int epochs, int kept, boolean weighted) {}

    private Fit fit(
            TrainableModel model,
            ModelCard card,
            List<TrainingExample> examples,
            TrainingSettings settings,
            Path best) {
        int labels = card.labels().size();
        EarlyStopping stopping = settings.earlyStopping();
        HeldOut split =
                HeldOut.of(examples, labels, stopping.shareOf(examples.size()), settings.seed() ^ VALIDATION_SEED);
        double[] labelWeights = settings.classWeights().of(HeldOut.counts(split.training(), labels));
        if (settings.classWeights() != ClassWeights.NONE && !model.isWeighted()) {
            throw new ModelRefusedException(
                    "Cannot train model '%s' with %s class weights: it has no signature '%s'; use NONE"
                            .formatted(card.name(), settings.classWeights(), UntrainedModel.TRAIN_WEIGHTED));
        }
        Epochs epochs = new Epochs(model, card, split.training(), labelWeights, settings);
        boolean validated = stopping.isWanted() && !split.heldOut().isEmpty();
        double least = Double.POSITIVE_INFINITY;
        int kept = 0;
        if (validated) {
            // What it starts with may be the best there is.
            least = validation(model, card, split.heldOut(), labelWeights, epochs::rest)
                    .loss();
            model.keep(best);
        }
        double loss = 0;
        int epoch = 0;
        while (epoch < settings.epochs() && !(validated && epoch - kept >= stopping.patience())) {
            loss = epochs.next();
            epoch++;
            OptionalDouble validationLoss = OptionalDouble.empty();
            OptionalDouble validationScore = OptionalDouble.empty();
            if (validated) {
                Validation validation = validation(model, card, split.heldOut(), labelWeights, epochs::rest);
                validationLoss = OptionalDouble.of(validation.loss());
                validationScore = OptionalDouble.of(validation.accuracy());
                if (validation.loss() < least) {
                    least = validation.loss();
                    kept = epoch;
                    model.keep(best);
                }
            } else {
                kept = epoch;
            }
            observer.learned(new TrainingProgress(
                    epoch, settings.epochs(), epochs.step(), epochs.steps(), loss, validationLoss, validationScore));
        }
        if (kept < epoch) {
            model.goBack(best);
        }
        return new Fit(loss, epoch, kept, model.isWeighted());
    }

    /** Takes the steps of one epoch after the other. */
    private final class Epochs {
        private final TrainableModel model;
        private final ModelCard card;
        private final List<TrainingExample> order;
        private final double[] labelWeights;
        private final TrainingSettings settings;
        private final SplittableRandom random;
        private final DutyCycle dutyCycle;
        private final int stepsAnEpoch;
        private long step;

        Epochs(
                TrainableModel model,
                ModelCard card,
                List<TrainingExample> examples,
                double[] labelWeights,
                TrainingSettings settings) {
            this.model = model;
            this.card = card;
            this.order = new ArrayList<>(examples);
            this.labelWeights = labelWeights;
            this.settings = settings;
            random = new SplittableRandom(settings.seed());
            dutyCycle = new DutyCycle(settings.dutyCycle());
            stepsAnEpoch = Math.max(1, examples.size() / settings.batchSize());
        }

        long step() {
            return step;
        }

        void rest(long workedNanos) {
            dutyCycle.rest(workedNanos);
        }

        long steps() {
            return (long) stepsAnEpoch * settings.epochs();
        }

        /** Mean loss of the epoch's steps. */
        double next() {
            shuffle(order, random);
            double sum = 0;
            for (int index = 0; index < stepsAnEpoch; index++) {
                // Evenly, so that no batch is a small rest.
                int start = (int) ((long) index * order.size() / stepsAnEpoch);
                int end = (int) ((index + 1L) * order.size() / stepsAnEpoch);
                sum += step(order.subList(start, end));
            }
            return sum / stepsAnEpoch;
        }

        private double step(List<TrainingExample> batch) {
            requireWanted();
            double[] weights = weights(batch, labelWeights);
            double rate = settings.schedule().rate(settings.learningRate(), step, steps());
            long start = System.nanoTime();
            double loss = model.step(batch, weights, rate);
            if (!Double.isFinite(loss)) {
                throw new ModelFailedException(
                        "Cannot train model '%s' version %d further: the loss of step %d is %s; choose a lower learning rate than %s"
                                .formatted(card.name(), card.version(), step + 1, loss, settings.learningRate()));
            }
            step++;
            observer.stepped(step, steps(), loss);
            dutyCycle.rest(System.nanoTime() - start);
            return loss;
        }

        private void requireWanted() {
            if (observer.isCancelled() || Thread.currentThread().isInterrupted()) {
                throw new TrainingCancelledException(
                        "The training of model '%s' version %d was cancelled after %d of %d steps"
                                .formatted(card.name(), card.version(), step, steps()));
            }
        }
    }

    private static double[] weights(List<TrainingExample> examples, double[] labelWeights) {
        return examples.stream()
                .mapToDouble(example -> labelWeights[example.label()] * example.weight())
                .toArray();
    }

    private record Validation(double loss, double accuracy) {}

    private static Validation validation(
            TrainableModel model,
            ModelCard card,
            List<TrainingExample> examples,
            double[] labelWeights,
            LongConsumer rest) {
        float[] scores = scores(model, examples, rest);
        int[] labels = labels(examples);
        double loss = ValidationLoss.of(scores, deciding(card).kind(), labels, weights(examples, labelWeights));
        return new Validation(loss, measurement(scores, card, labels).get("accuracy"));
    }

    private static void shuffle(List<TrainingExample> order, SplittableRandom random) {
        for (int last = order.size() - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            TrainingExample swapped = order.set(last, order.get(other));
            order.set(other, swapped);
        }
    }

    private static Map<String, Double> measure(
            TrainableModel model, ModelCard card, List<TrainingExample> examples, LongConsumer rest) {
        return measurement(scores(model, examples, rest), card, labels(examples));
    }

    private static Map<String, Double> measurement(float[] scores, ModelCard card, int[] labels) {
        if (scores.length == labels.length && deciding(card).kind() == OutputSpec.Kind.LOGITS) {
            // A threshold is one of probabilities.
            for (int row = 0; row < scores.length; row++) {
                scores[row] = (float) ValidationLoss.sigmoid(scores[row]);
            }
        }
        return Measurement.of(
                scores, card.decision().threshold(), labels, card.labels().size());
    }

    private static OutputSpec deciding(ModelCard card) {
        return card.outputs().stream().filter(OutputSpec::deciding).findFirst().orElseThrow();
    }

    private static int[] labels(List<TrainingExample> examples) {
        return examples.stream().mapToInt(TrainingExample::label).toArray();
    }

    /** @param rest told after each call how many nanoseconds it took */
    private static float[] scores(TrainableModel model, List<TrainingExample> examples, LongConsumer rest) {
        float[] scores = new float[0];
        int filled = 0;
        for (int start = 0; start < examples.size(); start += SCORED_AT_ONCE) {
            List<TrainingExample> batch = examples.subList(start, Math.min(examples.size(), start + SCORED_AT_ONCE));
            long began = System.nanoTime();
            float[] some =
                    model.scores(batch.stream().map(TrainingExample::example).toList());
            if (start == 0) {
                scores = new float[some.length / batch.size() * examples.size()];
            }
            System.arraycopy(some, 0, scores, filled, some.length);
            filled += some.length;
            rest.accept(System.nanoTime() - began);
        }
        return scores;
    }

    private static Map<String, String> lineage(ModelCard card, HeldOut split, TrainingSettings settings, Fit fit) {
        Map<String, String> lineage = new LinkedHashMap<>(card.lineage());
        lineage.put("examples", Integer.toString(split.training().size()));
        lineage.put("held-out", Integer.toString(split.heldOut().size()));
        lineage.put("seed", Long.toString(settings.seed()));
        lineage.put("epochs", Integer.toString(settings.epochs()));
        lineage.remove("epochs-trained");
        if (settings.earlyStopping().isWanted()) {
            lineage.put(
                    "epochs-trained", "%d, of which the weights after %d are kept".formatted(fit.epochs(), fit.kept()));
        }
        lineage.put("example-weights", fit.weighted() ? "heeded" : "not heeded");
        lineage.put("batch-size", Integer.toString(settings.batchSize()));
        lineage.put("learning-rate", Double.toString(settings.learningRate()));
        lineage.put(
                "class-weights",
                settings.classWeights().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        lineage.put("tensorflow", TensorFlow.version());
        return lineage;
    }

    private static void requireFree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                throw new IllegalArgumentException(
                        "Cannot write a model to %s: there is something already; name an empty directory"
                                .formatted(directory));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
