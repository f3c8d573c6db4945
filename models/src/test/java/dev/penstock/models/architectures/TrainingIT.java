package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.SessionFunction;
import org.tensorflow.Tensor;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

class TrainingIT {
    private static final TensorFlowRuntime RUNTIME = TensorFlowRuntime.inCallingThread();
    private static final Training TRAINING = new Training(RUNTIME, progress -> {});

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void learnsWhatAChildCouldAndMeasuresItOnWhatItHasNotSeen(Problems problem) throws IOException {
        List<TrainingProgress> epochs = new ArrayList<>();
        Training training = new Training(RUNTIME, epochs::add);

        Trained trained = training.firstVersion(
                problem.architecture(),
                "tiny",
                problem.payloads(200, 1),
                problem.settings(),
                directory.resolve("model"));

        assertThat(trained.card().metrics().get("accuracy")).isGreaterThanOrEqualTo(0.94);
        assertThat(trained.card().metrics().get("auc")).isGreaterThanOrEqualTo(0.98);
        assertThat(trained.examples()).isEqualTo(150);
        assertThat(trained.heldOut()).isEqualTo(50);
        assertThat(trained.card().lineage())
                .containsEntry("architecture", problem.architecture().name())
                .containsEntry("seed", "1")
                .containsEntry("examples", "150")
                .containsEntry("held-out", "50")
                .containsEntry("epochs", "12")
                .containsEntry("tensorflow", "2.18.0");
        assertThat(epochs).hasSize(12);
        assertThat(epochs.get(11).loss()).isLessThan(epochs.get(0).loss() / 2);
    }

    @ParameterizedTest
    @EnumSource
    void givesTheSameScoresForTheSameSeedAndOthersForAnother(Problems problem) throws IOException {
        float[] once = scoresAfterTraining(problem, 1, "once");
        float[] again = scoresAfterTraining(problem, 1, "again");
        float[] otherwise = scoresAfterTraining(problem, 2, "otherwise");

        assertThat(again).containsExactly(once);
        assertThat(otherwise).isNotEqualTo(once);
    }

    private float[] scoresAfterTraining(Problems problem, long seed, String name) throws IOException {
        TrainingSettings settings = problem.settings().withEpochs(2).withSeed(seed);
        Trained trained = TRAINING.firstVersion(
                problem.architecture(), "tiny", problem.payloads(100, 1), settings, directory.resolve(name));
        return scores(trained.card(), directory.resolve(name), problem);
    }

    @ParameterizedTest
    @EnumSource
    void servesInABundleWhatItMeasured(Problems problem) throws IOException {
        Path savedModel = directory.resolve("model");
        Trained trained = TRAINING.firstVersion(
                problem.architecture(),
                "tiny",
                problem.payloads(100, 1),
                problem.settings().withEpochs(2),
                savedModel);
        float[] expected = scores(trained.card(), savedModel, problem);

        Bundle bundle = new BundleBuilder(trained.card(), savedModel).build(directory.resolve("bundle"));

        try (TensorFlowModel model = TensorFlowModel.load(bundle, RUNTIME)) {
            List<Scores> scores = model.score(rows(problem));
            for (int row = 0; row < scores.size(); row++) {
                assertThat(scores.get(row).deciding().score(0)).isEqualTo(expected[2 * row]);
                assertThat(scores.get(row).deciding().score(1)).isEqualTo(expected[2 * row + 1]);
            }
        }
    }

    /** Optimizer, step and dropout are in the file: going on after a reload is as if nothing had happened. */
    @ParameterizedTest
    @EnumSource
    void goesOnAfterAReloadAsItWouldHave(Problems problem) throws IOException {
        Path first = untrained(problem);
        ModelCard card = problem.architecture().card("tiny", 1);
        List<TrainingExample> batch = Training.prepared(card, problem.payloads(16, 3));
        double[] weights = new double[16];
        Arrays.fill(weights, 1);
        float[] uninterrupted;
        try (TrainableModel model = TrainableModel.open(card, first, RUNTIME.sessionConfig())) {
            for (int step = 0; step < 6; step++) {
                model.step(batch, weights, 1e-2);
            }
            uninterrupted = model.scores(rows(problem));
        }

        Path half = directory.resolve("half");
        try (TrainableModel model = TrainableModel.open(card, first, RUNTIME.sessionConfig())) {
            for (int step = 0; step < 3; step++) {
                model.step(batch, weights, 1e-2);
            }
            model.save(half);
        }
        try (TrainableModel model = TrainableModel.open(card, half, RUNTIME.sessionConfig())) {
            for (int step = 0; step < 3; step++) {
                model.step(batch, weights, 1e-2);
            }

            assertThat(model.scores(rows(problem))).containsExactly(uninterrupted);
        }
    }

    /** The convention of on-device training, by TensorFlow's own API and nothing of ours. */
    @ParameterizedTest
    @EnumSource
    void trainsByItsSignatureWithInputsAndLabelsAlone(Problems problem) throws IOException {
        Path model = untrained(problem);
        ModelCard card = problem.architecture().card("tiny", 1);
        List<TrainingExample> examples = Training.prepared(card, problem.payloads(32, 3));
        String input = problem.architecture().input().name();

        try (SavedModelBundle bundle = SavedModelBundle.load(model.toString());
                Tensor rows = TrainingBatch.rows(
                        problem.architecture().input(),
                        bundle.metaGraphDef().getSignatureDefOrThrow("train").getInputsOrThrow(input),
                        examples.stream()
                                .map(example -> example.example().values().get(0))
                                .toList());
                Tensor labels = TInt64.vectorOf(
                        examples.stream().mapToLong(TrainingExample::label).toArray())) {
            SessionFunction train = bundle.function("train");
            double first = loss(train, Map.of(input, rows, "labels", labels));
            double last = first;
            for (int step = 0; step < 40; step++) {
                last = loss(train, Map.of(input, rows, "labels", labels));
            }
            assertThat(last).isLessThan(0.7 * first);

            try (Result served = bundle.function("serving_default").call(Map.of(input, rows))) {
                assertThat(served.keySet()).containsExactlyInAnyOrder("probabilities", "logits");
                TFloat32 probabilities = (TFloat32) served.get("probabilities").orElseThrow();
                assertThat(probabilities.getFloat(0, 0) + probabilities.getFloat(0, 1))
                        .isBetween(0.999f, 1.001f);
            }
        }
    }

    private static double loss(SessionFunction train, Map<String, Tensor> arguments) {
        try (Result result = train.call(arguments)) {
            return ((TFloat32) result.get("loss").orElseThrow()).getFloat();
        }
    }

    @Test
    void makesTheNextVersionFromTheOneBeforeAndLeavesThatAsItWas() throws IOException {
        Problems problem = Problems.TEXT;
        Path firstModel = directory.resolve("first");
        Trained first = TRAINING.firstVersion(
                problem.architecture(),
                "tiny",
                problem.payloads(100, 1),
                problem.settings().withEpochs(2),
                firstModel);
        float[] before = scores(first.card(), firstModel, problem);
        List<TrainingExample> heldOut = Training.prepared(first.card(), problem.payloads(60, 5));

        Trained second = TRAINING.nextVersion(
                first.card(),
                firstModel,
                2,
                Training.prepared(first.card(), problem.payloads(200, 4)),
                heldOut,
                problem.settings(),
                directory.resolve("second"));

        assertThat(second.card().version()).isEqualTo(2);
        assertThat(second.card().lineage()).containsEntry("parent", "1").containsEntry("examples", "200");
        assertThat(second.card().metrics().get("auc"))
                .isGreaterThan(
                        TRAINING.measure(first.card(), firstModel, heldOut).get("auc"));
        assertThat(scores(first.card(), firstModel, problem)).containsExactly(before);
    }

    /** Labels that mean nothing can only be learnt by heart. */
    @Test
    void stopsEarlyWhereOtherExamplesGetNoBetter() throws IOException {
        Problems problem = Problems.RECORD;
        List<LabelledPayload> payloads = new ArrayList<>(problem.payloads(120, 1));
        SplittableRandom random = new SplittableRandom(7);
        payloads.replaceAll(payload -> new LabelledPayload(
                payload.payload(), problem.architecture().labels().get(random.nextInt(2))));
        List<TrainingProgress> epochs = new ArrayList<>();

        Trained trained = new Training(RUNTIME, epochs::add)
                .firstVersion(
                        problem.architecture(),
                        "tiny",
                        payloads,
                        problem.settings().withEpochs(200).withEarlyStopping(new EarlyStopping(0.3, 2)),
                        directory.resolve("model"));

        assertThat(trained.epochs()).isLessThan(100).isEqualTo(epochs.size());
        assertThat(trained.card().lineage().get("epochs-trained")).startsWith(trained.epochs() + ", of which");
        assertThat(epochs)
                .allSatisfy(progress -> assertThat(progress.validationLoss()).isPresent());
    }

    /** What is measured is most of the work here; a busy machine makes the share smaller and never larger. */
    @Test
    void restsWhileItMeasuresToo() throws IOException {
        Problems problem = Problems.AUDIO;
        ModelCard card = problem.architecture().card("tiny", 1);
        List<TrainingExample> rows = Training.prepared(card, problem.payloads(6_000, 3));
        Path untrained = untrained(problem);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = System.nanoTime();
        long worked = threads.getCurrentThreadCpuTime();

        TRAINING.nextVersion(
                card,
                untrained,
                2,
                rows.subList(0, 100),
                rows.subList(100, rows.size()),
                problem.settings().withEpochs(1).withDutyCycle(0.1),
                directory.resolve("model"));

        worked = threads.getCurrentThreadCpuTime() - worked;
        assertThat((double) worked / (System.nanoTime() - began)).isLessThan(0.4);
    }

    @Test
    void goesBackToTheWeightsThatWereKept() throws IOException {
        Problems problem = Problems.RECORD;
        ModelCard card = problem.architecture().card("tiny", 1);
        List<TrainingExample> batch = Training.prepared(card, problem.payloads(16, 3));
        double[] weights = new double[16];
        Arrays.fill(weights, 1);
        Path kept = Files.createDirectory(directory.resolve("kept"));
        try (TrainableModel model = TrainableModel.open(card, untrained(problem), RUNTIME.sessionConfig())) {
            float[] first = model.scores(rows(problem));
            model.step(batch, weights, 1e-2);
            model.keep(kept);
            float[] expected = model.scores(rows(problem));
            model.step(batch, weights, 1e-2);
            assertThat(model.scores(rows(problem))).isNotEqualTo(expected);

            model.goBack(kept);
            assertThat(model.scores(rows(problem))).containsExactly(expected);

            model.initialise();
            assertThat(model.scores(rows(problem))).containsExactly(first);
        }
    }

    @Test
    void endsBetweenTwoStepsWhenItIsCancelled() {
        Problems problem = Problems.RECORD;
        List<Long> steps = new ArrayList<>();
        TrainingObserver impatient = new TrainingObserver() {
            @Override
            public void learned(TrainingProgress progress) {}

            @Override
            public void stepped(long step, long planned, double loss) {
                steps.add(step);
            }

            @Override
            public boolean isCancelled() {
                return steps.size() == 3;
            }
        };

        assertThatThrownBy(() -> new Training(RUNTIME, impatient)
                        .firstVersion(
                                problem.architecture(),
                                "tiny",
                                problem.payloads(100, 1),
                                problem.settings(),
                                directory.resolve("model")))
                .isInstanceOf(TrainingCancelledException.class)
                .hasMessageContaining("after 3 of ");
        assertThat(steps).containsExactly(1L, 2L, 3L);
        assertThat(directory.resolve("model")).doesNotExist();
    }

    @Test
    void servesEmptySilentAndExtremeRowsWithFiniteScores() throws IOException {
        Map<Problems, Example.Value> extremes = Map.of(
                Problems.IMAGE, new Example.Value.Floats(new float[14 * 14]),
                Problems.AUDIO, new Example.Value.Floats(new float[2_000]),
                Problems.TEXT, new Example.Value.Bytes(new byte[0]),
                Problems.RECORD, new Example.Value.Floats(new float[] {Float.MAX_VALUE, -1e30f, 5}));
        for (Map.Entry<Problems, Example.Value> extreme : extremes.entrySet()) {
            Path model = directory.resolve(extreme.getKey().name());
            Trained trained = TRAINING.firstVersion(
                    extreme.getKey().architecture(),
                    "tiny",
                    extreme.getKey().payloads(40, 1),
                    extreme.getKey().settings().withEpochs(1),
                    model);
            try (TrainableModel loaded = TrainableModel.open(trained.card(), model, RUNTIME.sessionConfig())) {
                for (float score : loaded.scores(List.of(new Example(List.of(extreme.getValue()))))) {
                    assertThat(score).as("%s", extreme.getKey()).isBetween(0f, 1f);
                }
            }
        }
    }

    @Test
    void refusesPayloadsAndLabelsByTheirPlace() {
        List<LabelledPayload> payloads = new ArrayList<>(Problems.TEXT.payloads(3, 1));
        payloads.set(1, new LabelledPayload(payloads.get(1).payload(), "eggs"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> first(payloads))
                .withMessage("Cannot train model 'tiny' on payload 2: its label 'eggs' is none of [ham, spam]");

        payloads.set(1, new LabelledPayload("not a payload", "ham"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> first(payloads))
                .withMessageContaining("payload 2: ")
                .withMessageContaining("Cannot read String: the model reads TextPayload");
    }

    @Test
    void writesOverNothing() throws IOException {
        Files.createDirectories(directory.resolve("model"));
        Files.writeString(directory.resolve("model/saved_model.pb"), "precious");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> first(Problems.TEXT.payloads(4, 1)))
                .withMessageContaining("there is something already");
        assertThat(directory.resolve("model/saved_model.pb")).hasContent("precious");
    }

    @Test
    void refusesToTrainWhatHasNoTrainingSignature() throws IOException {
        Path model = untrained(Problems.RECORD);
        ModelCard card = Problems.IMAGE.architecture().card("tiny", 1);

        assertThatExceptionOfType(ModelRefusedException.class)
                .isThrownBy(() -> TrainableModel.open(card, model, RUNTIME.sessionConfig()))
                .withMessageContaining("its training signature must take the card's inputs by their names")
                .withMessageContaining("[features, labels, learning_rate, weights]");
    }

    private Trained first(List<LabelledPayload> payloads) throws IOException {
        return TRAINING.firstVersion(
                Problems.TEXT.architecture(), "tiny", payloads, Problems.TEXT.settings(), directory.resolve("model"));
    }

    private Path untrained(Problems problem) throws IOException {
        Path model = directory.resolve("untrained");
        ModelCard card = problem.architecture().card("tiny", 1);
        UntrainedModel.write(
                problem.architecture(),
                Training.prepared(card, problem.payloads(32, 2)),
                problem.settings(),
                RUNTIME.sessionConfig(),
                model);
        return model;
    }

    private static List<Example> rows(Problems problem) {
        return Training.prepared(problem.architecture().card("tiny", 1), problem.payloads(20, 9)).stream()
                .map(TrainingExample::example)
                .toList();
    }

    private static float[] scores(ModelCard card, Path savedModel, Problems problem) {
        try (TrainableModel model = TrainableModel.open(card, savedModel, RUNTIME.sessionConfig())) {
            return model.scores(rows(problem));
        }
    }
}
