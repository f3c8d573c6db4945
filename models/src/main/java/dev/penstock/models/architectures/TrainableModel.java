package dev.penstock.models.architectures;

import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.tensorflow.TrainingChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * A SavedModel that learns through its own training signature, whoever made it. For one thread at a time; whoever opens
 * it closes it.
 */
final class TrainableModel implements AutoCloseable {
    private final ModelCard card;
    private final Path directory;
    private final SavedModelBundle bundle;
    private final SignatureDef serving;
    private final SignatureDef training;
    private final String labels;
    private final String loss;
    private final boolean weighted;

    private TrainableModel(ModelCard card, Path directory, SavedModelBundle bundle) {
        this.card = card;
        this.directory = directory;
        this.bundle = bundle;
        Map<String, SignatureDef> signatures = bundle.metaGraphDef().getSignatureDefMap();
        this.serving = signature(signatures, card.signature().orElse(UntrainedModel.SERVING));
        this.weighted = signatures.containsKey(UntrainedModel.TRAIN_WEIGHTED);
        this.training = signature(signatures, weighted ? UntrainedModel.TRAIN_WEIGHTED : UntrainedModel.TRAIN);
        this.labels = labelsInput();
        this.loss = lossOutput();
    }

    /**
     * @param card of the model: how rows become inputs, and which output decides
     * @throws ModelRefusedException if it cannot be trained
     */
    static TrainableModel open(ModelCard card, Path directory, byte[] config) {
        requireSafe(card, directory);
        SavedModelBundle bundle;
        try {
            bundle = SavedModelBundle.loader(directory.toString())
                    .withConfigProto(UntrainedModel.parse(config))
                    .withTags(
                            card.tags().isEmpty()
                                    ? new String[] {"serve"}
                                    : card.tags().toArray(String[]::new))
                    .load();
        } catch (TensorFlowException e) {
            throw new ModelRefusedException(
                    "Cannot train model '%s': TensorFlow says: %s".formatted(card.name(), e.getMessage()), e);
        }
        try {
            return new TrainableModel(card, directory, bundle);
        } catch (RuntimeException e) {
            bundle.close();
            throw e;
        }
    }

    /** Before TensorFlow opens it: loading runs what restores and initialises the model. */
    private static void requireSafe(ModelCard card, Path directory) {
        List<String> run = List.of(
                card.signature().orElse(UntrainedModel.SERVING), UntrainedModel.TRAIN, UntrainedModel.TRAIN_WEIGHTED);
        try {
            TrainingChecks.require(card, directory, run);
        } catch (IOException e) {
            throw new ModelRefusedException(
                    "Cannot train model '%s': its SavedModel cannot be read: %s".formatted(card.name(), e.getMessage()),
                    e);
        }
    }

    private SignatureDef signature(Map<String, SignatureDef> signatures, String key) {
        SignatureDef signature = signatures.get(key);
        if (signature == null) {
            throw refused(
                    "it has no signature '%s' among %s; export one".formatted(key, new TreeSet<>(signatures.keySet())));
        }
        return signature;
    }

    /** The only input that the card does not fill. */
    private String labelsInput() {
        TreeSet<String> others = new TreeSet<>(training.getInputsMap().keySet());
        card.inputs().forEach(input -> others.remove(input.name()));
        if (weighted) {
            others.remove(UntrainedModel.WEIGHTS);
            others.remove(UntrainedModel.LEARNING_RATE);
        }
        if (others.size() != 1) {
            throw refused(
                    "its training signature must take the card's inputs by their names and one more, the labels; it takes %s"
                            .formatted(new TreeSet<>(training.getInputsMap().keySet())));
        }
        return others.first();
    }

    private String lossOutput() {
        Map<String, TensorInfo> outputs = training.getOutputsMap();
        if (outputs.containsKey(UntrainedModel.LOSS)) {
            return UntrainedModel.LOSS;
        }
        if (outputs.size() == 1) {
            return outputs.keySet().iterator().next();
        }
        throw refused("its training signature must give a '%s'; it gives %s"
                .formatted(UntrainedModel.LOSS, new TreeSet<>(outputs.keySet())));
    }

    private ModelRefusedException refused(String why) {
        return new ModelRefusedException(
                "Cannot train model '%s' version %d: %s".formatted(card.name(), card.version(), why));
    }

    /** Whether {@link #step} heeds weights and learning rate, or the model has its own. */
    boolean isWeighted() {
        return weighted;
    }

    /**
     * Takes one step.
     *
     * @param weights one an example
     * @return the loss before it
     * @throws ModelFailedException if TensorFlow fails
     */
    double step(List<TrainingExample> batch, double[] weights, double learningRate) {
        List<Example> rows = batch.stream().map(TrainingExample::example).toList();
        int[] places = batch.stream().mapToInt(TrainingExample::label).toArray();
        try (Feeds feeds = new Feeds(training, rows)) {
            TensorInfo labelInfo = training.getInputsOrThrow(labels);
            feeds.add(
                    labelInfo,
                    TrainingBatch.labels(labelInfo, places, card.labels().size()));
            if (weighted) {
                feeds.add(training.getInputsOrThrow(UntrainedModel.WEIGHTS), TrainingBatch.weights(weights));
                feeds.add(training.getInputsOrThrow(UntrainedModel.LEARNING_RATE), TrainingBatch.scalar(learningRate));
            }
            try (Result result = feeds.run(training.getOutputsOrThrow(loss))) {
                return number(result.get(0));
            }
        } catch (TensorFlowException e) {
            throw new ModelFailedException(
                    "Cannot train model '%s' version %d: %s".formatted(card.name(), card.version(), e.getMessage()), e);
        }
    }

    private double number(Tensor tensor) {
        if (tensor instanceof TFloat32 single) {
            return single.getFloat();
        }
        if (tensor instanceof TFloat64 number) {
            return number.getDouble();
        }
        throw refused("its loss is %s; export a float32".formatted(tensor.dataType()));
    }

    /**
     * The deciding output.
     *
     * @return {@code [rows, columns]}, flat
     * @throws ModelFailedException if TensorFlow fails
     */
    float[] scores(List<Example> rows) {
        OutputSpec deciding =
                card.outputs().stream().filter(OutputSpec::deciding).findFirst().orElseThrow();
        TensorInfo output = serving.getOutputsOrThrow(deciding.name());
        try (Feeds feeds = new Feeds(serving, rows);
                Result result = feeds.run(output)) {
            if (result.get(0) instanceof TFloat32 scores) {
                float[] values = new float[(int) scores.size()];
                scores.asRawTensor().data().asFloats().read(values);
                return values;
            }
            throw refused("its output '%s' is not float32".formatted(deciding.name()));
        } catch (TensorFlowException e) {
            throw new ModelFailedException(
                    "Cannot score with model '%s' version %d: %s"
                            .formatted(card.name(), card.version(), e.getMessage()),
                    e);
        }
    }

    /**
     * Draws first weights, as the model's author did: by the graph's operation {@value TrainingChecks#INITIALISE}, which TensorFlow's
     * Java API writes into every export. Whatever a random operation's seed is, it is the graph's.
     *
     * @throws ModelRefusedException if the graph has no such operation
     */
    void initialise() {
        if (bundle.graph().operation(TrainingChecks.INITIALISE) == null) {
            throw refused(
                    "it cannot start from scratch, since its graph has no operation '%s' that draws first weights; start from the parent"
                            .formatted(TrainingChecks.INITIALISE));
        }
        try {
            bundle.session().runner().addTarget(TrainingChecks.INITIALISE).run().close();
        } catch (TensorFlowException e) {
            throw new ModelFailedException(
                    "Cannot draw first weights of model '%s' version %d: %s"
                            .formatted(card.name(), card.version(), e.getMessage()),
                    e);
        }
    }

    /**
     * Keeps the weights as they are now, in place of those that were kept before.
     *
     * @param into a directory of the caller's
     */
    void keep(Path into) {
        bundle.session().save(into.resolve("kept").toString());
    }

    /** Goes back to the weights that were kept. */
    void goBack(Path from) {
        bundle.session().restore(from.resolve("kept").toString());
    }

    /**
     * Writes the model as it is now, the optimizer's state included.
     *
     * @param into a directory that is not there yet, or empty
     */
    void save(Path into) throws IOException {
        Path variables = into.resolve("variables");
        Files.createDirectories(variables);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path relative = directory.relativize(file);
                // The fingerprint is one of the graph and of the old variables.
                if (Files.isRegularFile(file)
                        && !relative.startsWith("variables")
                        && !relative.toString().equals("fingerprint.pb")) {
                    Path target = into.resolve(relative);
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
        }
        bundle.session().save(variables.resolve("variables").toString());
    }

    @Override
    public void close() {
        bundle.close();
    }

    /** The tensors that one call is fed with. */
    private final class Feeds implements AutoCloseable {
        private final Map<String, Tensor> tensors = new HashMap<>();

        Feeds(SignatureDef signature, List<Example> rows) {
            try {
                for (int index = 0; index < card.inputs().size(); index++) {
                    InputSpec spec = card.inputs().get(index);
                    TensorInfo info = signature.getInputsMap().get(spec.name());
                    if (info != null) {
                        List<Example.Value> column = new ArrayList<>(rows.size());
                        for (Example row : rows) {
                            column.add(row.values().get(index));
                        }
                        add(info, TrainingBatch.rows(spec, info, column));
                    }
                }
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        void add(TensorInfo info, Tensor tensor) {
            tensors.put(info.getName(), tensor);
        }

        Result run(TensorInfo output) {
            Session.Runner runner = bundle.session().runner();
            tensors.forEach(runner::feed);
            return runner.fetch(output.getName()).run();
        }

        @Override
        public void close() {
            tensors.values().forEach(Tensor::close);
        }
    }
}
