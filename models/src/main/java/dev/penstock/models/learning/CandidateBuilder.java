package dev.penstock.models.learning;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.DutyCycle;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.architectures.TrainingCancelledException;
import dev.penstock.models.architectures.TrainingObserver;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.Calibration;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.Task;
import dev.penstock.models.features.RollingFeatures;
import dev.penstock.models.judging.Answer;
import dev.penstock.models.judging.Answers;
import dev.penstock.models.judging.Gate;
import dev.penstock.models.judging.GateReport;
import dev.penstock.models.judging.Gates;
import dev.penstock.models.judging.References;
import dev.penstock.models.judging.TemperatureFit;
import dev.penstock.models.judging.ThresholdFit;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.LabelledExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a version out of labelled requests: trains it, calibrates it, compares it with the version that serves, and puts
 * its bundle together. The same task and settings on the same machine give the same bytes, so long as TensorFlow runs in
 * the calling thread; a measured time is in no bundle.
 *
 * <p>All of it happens in the calling thread, which takes one processor at most if TensorFlow's runtime was started for
 * calling threads, and the share of it that the settings allow. Thread-safe; each version that is made at the same time
 * needs memory of its own.
 */
public final class CandidateBuilder {
    /** Entry of a card's lineage. */
    private static final String THRESHOLD = "threshold";

    private final TensorFlowRuntime runtime;
    private final LearningSettings settings;

    public CandidateBuilder(TensorFlowRuntime runtime, LearningSettings settings) {
        this.runtime = runtime;
        this.settings = settings;
    }

    /**
     * Makes the next version of a model.
     *
     * @param observer called in this thread; asked between all steps and calls whether to go on
     * @param directory of the bundle, which does not exist yet, or is empty
     * @throws IllegalArgumentException if there is nothing to learn from or to judge by
     * @throws dev.penstock.models.ModelRefusedException if the parent cannot be trained, or one of the versions not loaded
     * @throws dev.penstock.models.ModelFailedException if TensorFlow fails
     * @throws TrainingCancelledException if the observer says so, or the thread is interrupted
     */
    public Candidate next(LearningTask task, TrainingObserver observer, Path directory) throws IOException {
        Bundle parent = task.parent();
        Lesson lesson =
                new Lesson(parent.card(), parent.directory(), task.examples(), settings.largestWeight(), preparing());
        Path workspace = Files.createTempDirectory("penstock-learning");
        try {
            Path savedModel = workspace.resolve("saved-model");
            Trained trained = new Training(runtime, observer)
                    .nextVersion(
                            parent.card(),
                            parent.savedModel(),
                            settings.start(),
                            task.version(),
                            lesson.rows(),
                            List.of(),
                            settings.training(),
                            savedModel);
            observer.judging();
            return new Making(trained, lesson, parent, observer, workspace)
                    .make(savedModel, Optional.of(task.serving()), task.lineage(), directory);
        } finally {
            delete(workspace);
        }
    }

    /**
     * Makes a version of a model of which there is none yet.
     *
     * @param lineage as a {@link LearningTask} has it
     * @param observer called in this thread; asked between all steps and calls whether to go on
     * @param directory of the bundle, which does not exist yet, or is empty
     * @throws IllegalArgumentException if there is nothing to learn from or to judge by
     * @throws dev.penstock.models.ModelFailedException if TensorFlow fails
     * @throws TrainingCancelledException if the observer says so, or the thread is interrupted
     */
    public Candidate first(
            Architecture architecture,
            String model,
            TrainingSet examples,
            Map<String, String> lineage,
            TrainingObserver observer,
            Path directory)
            throws IOException {
        ModelCard card = architecture.card(model, 1);
        Lesson lesson = new Lesson(card, Path.of(""), examples, settings.largestWeight(), preparing());
        Path workspace = Files.createTempDirectory("penstock-learning");
        try {
            Training training = new Training(runtime, observer);
            Path untrained = workspace.resolve("untrained");
            training.untrained(architecture, lesson.rows(), settings.training(), untrained);
            Path savedModel = workspace.resolve("saved-model");
            Trained trained = training.nextVersion(
                    card, untrained, Start.PARENT, 1, lesson.rows(), List.of(), settings.training(), savedModel);
            Map<String, String> own = new LinkedHashMap<>(trained.card().lineage());
            own.remove("parent");
            own.remove("start");
            ModelCard orphan = trained.card().trainedAnew(1, Optional.empty(), Map.of(), own);
            Trained first = new Trained(
                    orphan, trained.loss(), trained.examples(), trained.heldOut(), trained.epochs(), trained.kept());
            observer.judging();
            return new Making(first, lesson, null, observer, workspace)
                    .make(savedModel, Optional.empty(), lineage, directory);
        } finally {
            delete(workspace);
        }
    }

    private LongConsumer preparing() {
        return new DutyCycle(settings.training().dutyCycle())::restNowAndThen;
    }

    /** What comes after training. */
    private final class Making {
        private final Trained trained;
        private final Lesson lesson;
        private final @Nullable Bundle parent;
        private final Path workspace;
        private final LongConsumer rest;
        private final Gates gates = new Gates(settings.gates());

        Making(Trained trained, Lesson lesson, @Nullable Bundle parent, TrainingObserver observer, Path workspace) {
            this.trained = trained;
            this.lesson = lesson;
            this.parent = parent;
            this.workspace = workspace;
            DutyCycle dutyCycle = new DutyCycle(settings.training().dutyCycle());
            rest = nanos -> {
                dutyCycle.rest(nanos);
                if (observer.isCancelled() || Thread.currentThread().isInterrupted()) {
                    throw new TrainingCancelledException("Judging model '%s' version %d was cancelled"
                            .formatted(trained.card().name(), trained.card().version()));
                }
            };
        }

        Candidate make(Path savedModel, Optional<Bundle> serving, Map<String, String> lineage, Path directory)
                throws IOException {
            Answers raw;
            Bundle draft = with(new BundleBuilder(trained.card(), savedModel)).build(workspace.resolve("draft"));
            try (TensorFlowModel model = TensorFlowModel.load(draft, runtime)) {
                raw = Answers.of(model, lesson.heldOut(), rest);
            }
            Optional<Calibration> calibration = TemperatureFit.of(raw, settings.calibrationRows());
            ModelCard card = trained.card();
            Answers answers = raw.under(card.trainedAnew(card.version(), calibration, card.metrics(), card.lineage()));
            if (serving.isEmpty()) {
                GateReport report = gates.judge(answers, Optional.empty());
                Bundle bundle = bundle(savedModel, answers, report, lineage, directory);
                try (TensorFlowModel model = TensorFlowModel.load(bundle, runtime)) {
                    return candidate(bundle, report, List.of(gates.ownGolden(model, bundle)));
                }
            }
            try (TensorFlowModel opponent = TensorFlowModel.load(serving.get(), runtime)) {
                Answers before = Answers.of(opponent, lesson.heldOut(), rest);
                Map<String, String> whole = new TreeMap<>(lineage);
                if (settings.threshold() == ThresholdPolicy.PRECISION_KEPT && card.task() == Task.BINARY) {
                    DecisionPolicy parents = card.decision();
                    OptionalDouble fitted = ThresholdFit.of(answers, before);
                    whole.put(THRESHOLD, threshold(parents, fitted));
                    DecisionPolicy own = parents.withThreshold(fitted.orElse(parents.threshold()));
                    answers = raw.under(answers.card().withDecision(own));
                }
                GateReport report = gates.judge(answers, Optional.of(before));
                Bundle bundle = bundle(savedModel, answers, report, whole, directory);
                try (TensorFlowModel model = TensorFlowModel.load(bundle, runtime)) {
                    List<Gate> further = new ArrayList<>();
                    further.add(gates.learning(trained));
                    further.add(gates.ownGolden(model, bundle));
                    further.add(
                            gates.servingGolden(model, opponent, serving.get().goldenExamples(), lesson.all()));
                    further.add(gates.size(bundle, serving.get()));
                    further.add(gates.time(model, opponent, lesson.heldOut(), runtime.isInCallingThread()));
                    return candidate(bundle, report, further);
                }
            }
        }

        /** What became of the parent's threshold, as a card's lineage says it. */
        private static String threshold(DecisionPolicy parents, OptionalDouble fitted) {
            if (fitted.isEmpty()) {
                return "%s of the parent, from which on none keeps the serving version's precision and recall"
                        .formatted(parents.threshold());
            }
            double threshold = fitted.getAsDouble();
            return threshold == parents.threshold()
                    ? "%s of the parent, which keeps the serving version's precision".formatted(threshold)
                    : "%s instead of %s of the parent, to keep the serving version's precision"
                            .formatted(threshold, parents.threshold());
        }

        private Candidate candidate(Bundle bundle, GateReport report, List<Gate> further) {
            return new Candidate(
                    bundle, report.with(further), trained.loss(), lesson.rows().size(), lesson.unusable());
        }

        private Bundle bundle(
                Path savedModel, Answers answers, GateReport report, Map<String, String> lineage, Path directory)
                throws IOException {
            ModelCard card = answers.card();
            Map<String, String> whole = new TreeMap<>(card.lineage());
            whole.remove(THRESHOLD); // of the parent
            whole.put("held-out", Integer.toString(answers.all().size()));
            whole.put("unusable", Integer.toString(lesson.unusable()));
            whole.put("example-digest", lesson.digest());
            whole.putAll(lineage);
            ModelCard judged =
                    card.trainedAnew(card.version(), card.calibration(), new TreeMap<>(report.metrics()), whole);
            return with(new BundleBuilder(judged, savedModel))
                    .goldenExamples(golden(answers))
                    .reference(References.of(answers))
                    .build(directory);
        }

        /** Files that the card names. */
        private BundleBuilder with(BundleBuilder builder) {
            if (parent != null) {
                for (InputSpec input : parent.card().inputs()) {
                    if (input instanceof InputSpec.Tokens tokens) {
                        builder.file(tokens.vocabulary(), parent.directory().resolve(tokens.vocabulary()));
                    }
                }
            }
            return builder;
        }

        /** The first held-out rows, of each label in turn. */
        private List<GoldenExample> golden(Answers answers) {
            Map<Integer, Deque<Answer>> byLabel = new TreeMap<>();
            answers.all().stream().filter(Answer::isScored).forEach(answer -> byLabel.computeIfAbsent(
                            answer.label(), key -> new ArrayDeque<>())
                    .add(answer));
            List<GoldenExample> golden = new ArrayList<>();
            while (golden.size() < settings.goldenExamples() && !byLabel.isEmpty()) {
                for (Deque<Answer> left : byLabel.values()) {
                    if (golden.size() < settings.goldenExamples()) {
                        golden.add(golden(left.remove()));
                    }
                }
                byLabel.values().removeIf(Deque::isEmpty);
            }
            return golden;
        }

        private GoldenExample golden(Answer answer) {
            LabelledExample example = answer.example();
            LabelledScores scores = answer.scores().orElseThrow();
            return new GoldenExample(
                    RollingFeatures.addTo(example.getPayload(), example.getFeatures()),
                    scores.highest(scores.labels().size()));
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
