package dev.penstock.models.architectures;

import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.card.ModelCard;
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
import java.util.SplittableRandom;
import java.util.function.Consumer;
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
    private static final int SCORED_AT_ONCE = 128;
    private static final int WARM_UP_STEPS = 20;
    private static final double LAST_RATE_SHARE = 0.05;

    private final TensorFlowRuntime runtime;
    private final Consumer<TrainingProgress> progress;

    /** @param progress called after each epoch, in the thread that trains */
    public Training(TensorFlowRuntime runtime, Consumer<TrainingProgress> progress) {
        this.runtime = runtime;
        this.progress = progress;
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
            return train(card, untrained, split, settings, savedModel);
        } finally {
            delete(untrained);
        }
    }

    /**
     * Trains a model further.
     *
     * @param parent card of the version to start from
     * @param parentSavedModel its SavedModel; it stays as it is
     * @param version of the new model
     * @param training examples to learn from
     * @param heldOut examples to measure with, none of them in {@code training}; the settings' share is not looked at
     * @param savedModel directory to write to; it must not be there yet, or be empty
     * @throws ModelRefusedException if the model has no training signature that can be used
     * @throws ModelFailedException if TensorFlow fails
     */
    public Trained nextVersion(
            ModelCard parent,
            Path parentSavedModel,
            int version,
            List<TrainingExample> training,
            List<TrainingExample> heldOut,
            TrainingSettings settings,
            Path savedModel)
            throws IOException {
        requireFree(savedModel);
        Map<String, String> lineage = new LinkedHashMap<>(parent.lineage());
        lineage.put("parent", Integer.toString(parent.version()));
        ModelCard card = with(parent, version, Map.of(), lineage);
        return train(card, parentSavedModel, new HeldOut(training, heldOut), settings, savedModel);
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
            return measure(model, card, examples);
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

    private Trained train(ModelCard card, Path from, HeldOut split, TrainingSettings settings, Path into)
            throws IOException {
        if (card.task() == Task.MULTILABEL || split.training().isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot train model '%s' for %s on %d examples: labels must exclude each other, and there must be one example"
                            .formatted(
                                    card.name(), card.task(), split.training().size()));
        }
        try (TrainableModel model = TrainableModel.open(card, from, runtime.sessionConfig())) {
            double loss = fit(model, card, split.training(), settings);
            Map<String, Double> metrics = split.heldOut().isEmpty() ? Map.of() : measure(model, card, split.heldOut());
            model.save(into);
            ModelCard trained = with(card, card.version(), metrics, lineage(card, split, settings));
            return new Trained(
                    trained, loss, split.training().size(), split.heldOut().size());
        }
    }

    private double fit(
            TrainableModel model, ModelCard card, List<TrainingExample> examples, TrainingSettings settings) {
        double[] labelWeights = settings.classWeights()
                .of(HeldOut.counts(examples, card.labels().size()));
        if (settings.classWeights() != ClassWeights.NONE && !model.isWeighted()) {
            throw new ModelRefusedException(
                    "Cannot train model '%s' with %s class weights: it has no signature '%s'; use NONE"
                            .formatted(card.name(), settings.classWeights(), UntrainedModel.TRAIN_WEIGHTED));
        }
        List<TrainingExample> order = new ArrayList<>(examples);
        SplittableRandom random = new SplittableRandom(settings.seed());
        int stepsAnEpoch = Math.max(1, examples.size() / settings.batchSize());
        long steps = (long) stepsAnEpoch * settings.epochs();
        long step = 0;
        double epochLoss = 0;
        for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
            shuffle(order, random);
            double sum = 0;
            for (int index = 0; index < stepsAnEpoch; index++, step++) {
                // Evenly, so that no batch is a small rest.
                int start = (int) ((long) index * order.size() / stepsAnEpoch);
                int end = (int) ((index + 1L) * order.size() / stepsAnEpoch);
                List<TrainingExample> batch = order.subList(start, end);
                double[] weights = batch.stream()
                        .mapToDouble(example -> labelWeights[example.label()])
                        .toArray();
                sum += model.step(batch, weights, rate(settings.learningRate(), step, steps));
            }
            epochLoss = sum / stepsAnEpoch;
            progress.accept(new TrainingProgress(epoch, settings.epochs(), epochLoss));
        }
        return epochLoss;
    }

    private static void shuffle(List<TrainingExample> order, SplittableRandom random) {
        for (int last = order.size() - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            TrainingExample swapped = order.set(last, order.get(other));
            order.set(other, swapped);
        }
    }

    /** Up in the first steps, so that Adam's moments settle, then down in a line. */
    private static double rate(double highest, long step, long steps) {
        double warmed = highest * Math.min(1, (step + 1.0) / WARM_UP_STEPS);
        double lowest = highest * LAST_RATE_SHARE;
        return lowest + Math.max(0, warmed - lowest) * (1 - step / (double) steps);
    }

    private static Map<String, Double> measure(TrainableModel model, ModelCard card, List<TrainingExample> examples) {
        float[] scores = new float[0];
        int filled = 0;
        for (int start = 0; start < examples.size(); start += SCORED_AT_ONCE) {
            List<TrainingExample> batch = examples.subList(start, Math.min(examples.size(), start + SCORED_AT_ONCE));
            float[] some =
                    model.scores(batch.stream().map(TrainingExample::example).toList());
            if (start == 0) {
                scores = new float[some.length / batch.size() * examples.size()];
            }
            System.arraycopy(some, 0, scores, filled, some.length);
            filled += some.length;
        }
        int[] labels = examples.stream().mapToInt(TrainingExample::label).toArray();
        return Measurement.of(
                scores, card.decision().threshold(), labels, card.labels().size());
    }

    private static Map<String, String> lineage(ModelCard card, HeldOut split, TrainingSettings settings) {
        Map<String, String> lineage = new LinkedHashMap<>(card.lineage());
        lineage.put("examples", Integer.toString(split.training().size()));
        lineage.put("held-out", Integer.toString(split.heldOut().size()));
        lineage.put("seed", Long.toString(settings.seed()));
        lineage.put("epochs", Integer.toString(settings.epochs()));
        lineage.put("batch-size", Integer.toString(settings.batchSize()));
        lineage.put("learning-rate", Double.toString(settings.learningRate()));
        lineage.put(
                "class-weights",
                settings.classWeights().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        lineage.put("tensorflow", TensorFlow.version());
        return lineage;
    }

    private static ModelCard with(
            ModelCard card, int version, Map<String, Double> metrics, Map<String, String> lineage) {
        return new ModelCard(
                card.name(),
                version,
                card.description(),
                card.task(),
                card.modality(),
                card.labels(),
                card.signature(),
                card.tags(),
                card.fixedBatch(),
                card.inputs(),
                card.outputs(),
                card.decision(),
                card.limits(),
                metrics,
                lineage);
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
