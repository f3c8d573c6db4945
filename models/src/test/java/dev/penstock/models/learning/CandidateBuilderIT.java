package dev.penstock.models.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.Scores;
import dev.penstock.models.architectures.ClassWeights;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.architectures.TrainingCancelledException;
import dev.penstock.models.architectures.TrainingObserver;
import dev.penstock.models.architectures.TrainingProgress;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.judging.Gate;
import dev.penstock.models.judging.GateSettings;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CandidateBuilderIT {
    private static final TensorFlowRuntime RUNTIME = TensorFlowRuntime.inCallingThread();
    private static final TextClassifier ARCHITECTURE =
            new TextClassifier(List.of("ham", "spam"), new TextClassifier.Size(12, 512, 16, 1, 2));
    private static final TrainingObserver SILENT = progress -> {};
    private static final TrainingSettings TRAINING = new TrainingSettings(4, 8, 1e-2, ClassWeights.NONE, 0, 1);

    @TempDir
    private static Path shared;

    /** Knows "win" for spam, and has never seen "prize". */
    private static Bundle parent;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeAParent() throws IOException {
        TrainingSet examples = new TrainingSet(examples(200, 1, "win", 0), examples(60, 2, "win", 0));
        parent = new CandidateBuilder(RUNTIME, settings(TRAINING))
                .first(ARCHITECTURE, "spam", examples, Map.of(), SILENT, shared.resolve("parent"))
                .bundle();
    }

    /** Speed is not judged: how long a call takes says little while other tests run. */
    private static LearningSettings settings(TrainingSettings training) {
        GateSettings usual = GateSettings.usual();
        return new LearningSettings(
                training,
                Start.PARENT,
                10,
                50,
                6,
                new GateSettings(
                        usual.alpha(),
                        usual.leastRows(),
                        usual.overallMargin(),
                        usual.aucMargin(),
                        usual.calibrationMargin(),
                        usual.logLossMargin(),
                        usual.sliceRows(),
                        usual.sliceMargin(),
                        usual.goldenAgreement(),
                        usual.largestSizeRatio(),
                        1_000));
    }

    /** @param flipped share of labels that are wrong */
    private static List<LabelledExample> examples(int count, long seed, String spamWord, double flipped) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LabelledExample> examples = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            boolean spam = index % 2 == 1;
            List<String> words = new ArrayList<>();
            for (int left = 3 + random.nextInt(6); left > 0; left--) {
                words.add("word" + (char) ('a' + random.nextInt(26)));
            }
            words.add(random.nextInt(words.size()), spam ? spamWord : "meet");
            boolean said = random.nextDouble() < flipped ? !spam : spam;
            examples.add(SomeExamples.example("%s-%d-%d".formatted(spamWord, seed, index), said ? "spam" : "ham")
                    .setPayload(new TextPayload(String.join(" ", words)))
                    .build());
        }
        return examples;
    }

    /** Both words, new ones and old ones. */
    private static TrainingSet newWords(double flipped) {
        List<LabelledExample> training = new ArrayList<>(examples(200, 11, "prize", flipped));
        training.addAll(examples(100, 12, "win", flipped));
        List<LabelledExample> heldOut = new ArrayList<>(examples(80, 13, "prize", 0));
        heldOut.addAll(examples(60, 14, "win", 0));
        return new TrainingSet(training, heldOut);
    }

    private Candidate next(LearningSettings settings, TrainingSet examples, String name) throws IOException {
        LearningTask task =
                new LearningTask(parent, 2, examples, Map.of("labelled-examples", "0: 100-540", "code", "1.2.3"));
        return new CandidateBuilder(RUNTIME, settings).next(task, SILENT, directory.resolve(name));
    }

    @Test
    void learnsWhatIsNewAndSaysAllThatIsKnownOfIt() throws IOException {
        Candidate candidate = next(settings(TRAINING), newWords(0), "next");

        assertThat(candidate.report().refusals()).isEmpty();
        assertThat(candidate.report().gates())
                .extracting(Gate::name)
                .containsExactly(
                        "evidence",
                        "overall",
                        "ranking",
                        "calibration",
                        "log-loss",
                        "slices",
                        "learning",
                        "golden-own",
                        "golden-serving",
                        "size",
                        "time");
        assertThat(candidate.report().candidate().accuracy())
                .isGreaterThan(candidate.report().serving().orElseThrow().accuracy() + 0.1);
        Bundle bundle = candidate.bundle();
        assertThat(bundle.card().version()).isEqualTo(2);
        assertThat(bundle.card().calibration().orElseThrow().rows()).isEqualTo(140);
        assertThat(bundle.card().metrics())
                .containsEntry("gate.overall.passed", 1.0)
                .containsKey("serving.accuracy");
        assertThat(bundle.card().lineage())
                .containsEntry("parent", "1")
                .containsEntry("start", "parent")
                .containsEntry("labelled-examples", "0: 100-540")
                .containsEntry("code", "1.2.3")
                .containsEntry("seed", "1")
                .containsEntry("examples", "300")
                .containsEntry("held-out", "140")
                .containsEntry("example-digest", newWords(0).digest());
        assertThat(bundle.goldenExamples()).hasSize(6);
        assertThat(bundle.reference().orElseThrow().getRows()).isEqualTo(140);
        assertThat(bundle.reference().orElseThrow().getDistributions())
                .containsOnlyKeys("score.ham", "score.spam", "confidence", "decision");
    }

    @Test
    void aThresholdThatIsFittedIsSaidAndJudged() throws IOException {
        LearningSettings fitting = settings(TRAINING).withThreshold(ThresholdPolicy.PRECISION_KEPT);

        Candidate candidate = next(fitting, newWords(0), "next");

        DecisionPolicy policy = candidate.bundle().card().decision();
        assertThat(candidate.report().refusals()).isEmpty();
        assertThat(candidate.report().candidate().recall().orElseThrow())
                .isGreaterThan(
                        candidate.report().serving().orElseThrow().recall().orElseThrow());
        assertThat(policy.threshold()).isGreaterThanOrEqualTo(0.5);
        assertThat(policy.version()).isEqualTo(policy.threshold() == 0.5 ? 1 : 2);
        assertThat(candidate.bundle().card().lineage().get("threshold")).startsWith(policy.threshold() + " ");
    }

    @Test
    void aThresholdIsKeptWhereNoneIsAsGood() throws IOException {
        LearningSettings fitting = settings(TRAINING.withEpochs(8)).withThreshold(ThresholdPolicy.PRECISION_KEPT);

        Bundle bundle = next(fitting, newWords(0.8), "next").bundle();

        assertThat(bundle.card().decision()).isEqualTo(DecisionPolicy.usual());
        assertThat(bundle.card().lineage())
                .containsEntry(
                        "threshold",
                        "0.5 of the parent, from which on none keeps the serving version's precision and recall");
    }

    /** What serves is calibrated as the golden examples are: both come from the card. */
    @Test
    void servesAsItWasJudgedAndCanBeSigned() throws IOException {
        Bundle bundle = next(settings(TRAINING), newWords(0), "next").bundle();

        BundleSignature.write(bundle, SigningKey.generate(directory.resolve("keys"), "retrain"));
        Bundle opened = Bundle.open(bundle.directory());

        try (TensorFlowModel model = TensorFlowModel.load(opened, RUNTIME)) {
            assertThat(model.warmUp().largestDifference()).isLessThan(1e-6);
            GoldenExample golden = opened.goldenExamples().get(0);
            Scores scores = model.score(List.of(((Prepared.Ready) model.prepare(golden.getPayload())).example()))
                    .get(0);
            assertThat(scores.deciding().score(1)).isCloseTo(golden.getScores().get("spam"), within(1e-6f));
        }
        assertThat(opened.card().calibration().orElseThrow().temperature()).isNotEqualTo(1);
    }

    @Test
    void theSameTaskAndSeedGiveTheSameBytesAndAnotherSeedOthers() throws IOException {
        String once = next(settings(TRAINING), newWords(0), "once").bundle().digest();
        String again = next(settings(TRAINING), newWords(0), "again").bundle().digest();
        String otherwise = next(settings(TRAINING.withSeed(2)), newWords(0), "otherwise")
                .bundle()
                .digest();

        assertThat(again).isEqualTo(once);
        assertThat(otherwise).isNotEqualTo(once);
    }

    @Test
    void aFirstVersionIsTheSameForTheSameSeedToo() throws IOException {
        TrainingSet examples = new TrainingSet(examples(200, 1, "win", 0), examples(60, 2, "win", 0));

        Bundle again = new CandidateBuilder(RUNTIME, settings(TRAINING))
                .first(ARCHITECTURE, "spam", examples, Map.of(), SILENT, directory.resolve("again"))
                .bundle();

        assertThat(again.digest()).isEqualTo(parent.digest());
        assertThat(again.card().lineage()).doesNotContainKeys("parent", "start");
    }

    /** Labels are wrong where it learns, and right where it is judged. */
    @Test
    void aVersionThatLearnedFromPoisonedLabelsIsRefusedWithFigures() throws IOException {
        Candidate candidate = next(settings(TRAINING.withEpochs(8)), newWords(0.8), "next");

        assertThat(candidate.report().passed()).isFalse();
        assertThat(candidate.report().refusals())
                .anySatisfy(sentence -> assertThat(sentence).startsWith("overall: right on "));
        assertThat(candidate.bundle().card().metrics()).containsEntry("gate.overall.passed", 0.0);
    }

    @Test
    void startsFromScratchWhereTheParentIsToBeForgotten() throws IOException {
        LearningSettings scratch = new LearningSettings(
                TRAINING.withEpochs(8),
                Start.SCRATCH,
                10,
                50,
                6,
                settings(TRAINING).gates());

        Candidate candidate = next(scratch, newWords(0), "next");

        assertThat(candidate.report().candidate().accuracy()).isGreaterThan(0.9);
        assertThat(candidate.bundle().card().lineage()).containsEntry("start", "scratch");
    }

    @Test
    void leavesNothingBehindWhenItIsCancelled() {
        TrainingObserver impatient = new TrainingObserver() {
            private boolean learned;

            @Override
            public void learned(TrainingProgress progress) {
                learned = true;
            }

            @Override
            public boolean isCancelled() {
                return learned;
            }
        };
        LearningTask task = new LearningTask(parent, 2, newWords(0), Map.of());

        assertThatThrownBy(() -> new CandidateBuilder(RUNTIME, settings(TRAINING.withEpochs(1)))
                        .next(task, impatient, directory.resolve("next")))
                .isInstanceOf(TrainingCancelledException.class)
                .hasMessageContaining("Judging model 'spam' version 2 was cancelled");
        assertThat(directory.resolve("next")).doesNotExist();
    }
}
