package dev.penstock.models.judging;

import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.Task;
import dev.penstock.models.features.RollingFeatures;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.WarmUp;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.LabelledExample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a version must show before it goes on trial. The same answers always give the same findings; only {@link #time}
 * measures the machine.
 *
 * <p>Overall, a version passes if it is right no less often than the one that serves, within a margin, and if the exact
 * paired test finds no evidence that it is worse. Slices are smaller, and more of them are looked at: there it fails if
 * it is worse by more than the margin and the test, corrected for their number, says that this is no chance. So it does by
 * figures that few rows say little about: ranking, calibration and log-loss.
 */
public final class Gates {
    private static final int TIMED_ROWS = 32;
    private static final int TIMED_CALLS = 9;

    private final GateSettings settings;

    public Gates(GateSettings settings) {
        this.settings = settings;
    }

    /**
     * Compares two versions by their answers.
     *
     * @param serving answers of the version that serves, to the same examples in the same order; empty if there is none
     * @throws IllegalArgumentException if there is no answer, or the two were not asked the same
     */
    public GateReport judge(Answers candidate, Optional<Answers> serving) {
        Quality quality = Quality.of(candidate);
        List<Gate> gates = new ArrayList<>();
        gates.add(evidence(candidate, quality));
        if (serving.isEmpty()) {
            return new GateReport(gates, quality, Optional.empty(), List.of());
        }
        List<Answer> now = candidate.all();
        List<Answer> before = serving.get().all();
        requireSameExamples(now, before);
        Quality servingQuality = Quality.of(serving.get());
        gates.add(overall(now, before));
        if (quality.auc().isPresent() && servingQuality.auc().isPresent()) {
            gates.add(ranking(quality, servingQuality, candidate, serving.get()));
        }
        gates.add(calibrationError(quality, servingQuality, candidate, serving.get()));
        gates.add(logLoss(quality, servingQuality, candidate, serving.get()));
        gates.add(slices(now, before));
        return new GateReport(gates, quality, Optional.of(servingQuality), contradictions(before));
    }

    private static void requireSameExamples(List<Answer> now, List<Answer> before) {
        boolean same = now.size() == before.size();
        for (int row = 0; same && row < now.size(); row++) {
            same = now.get(row)
                            .example()
                            .getRequestId()
                            .equals(before.get(row).example().getRequestId())
                    && now.get(row)
                            .example()
                            .getPipeline()
                            .equals(before.get(row).example().getPipeline());
        }
        if (!same) {
            throw new IllegalArgumentException(
                    "Cannot compare %d answers with %d: both versions must be asked the same requests in the same order"
                            .formatted(now.size(), before.size()));
        }
    }

    /** Of one label alone, whoever always decides for it looks perfect. */
    private Gate evidence(Answers candidate, Quality quality) {
        int rows = quality.rows();
        Set<String> labels = candidate.all().stream()
                .map(answer -> answer.example().getLabel())
                .collect(Collectors.toCollection(TreeSet::new));
        boolean isOneSided = candidate.card().task() != Task.MULTILABEL && labels.size() < 2;
        return Gate.of(
                "evidence",
                rows >= settings.leastRows() && !isOneSided,
                Map.of("rows", (double) rows, "labels", (double) labels.size()),
                "%d held-out rows, and %d are needed%s"
                        .formatted(
                                rows,
                                settings.leastRows(),
                                isOneSided ? "; all of them are %s, which shows nothing".formatted(labels) : ""));
    }

    private Gate overall(List<Answer> now, List<Answer> before) {
        Pairs pairs = Pairs.of(now, before, null);
        double p = pairs.worse();
        boolean passed = pairs.loss() <= settings.overallMargin() && p >= settings.alpha();
        return Gate.of(
                "overall",
                passed,
                pairs.figures(p),
                "right on %s of %d rows, the serving version on %s; %d rows only now right, %d only before, p = %s for being worse"
                        .formatted(
                                percent(pairs.accuracy()),
                                pairs.rows(),
                                percent(pairs.servingAccuracy()),
                                pairs.onlyNow(),
                                pairs.onlyBefore(),
                                number(p)));
    }

    private Gate ranking(Quality quality, Quality serving, Answers candidate, Answers before) {
        return notWorse(
                "ranking",
                "area under the ROC curve",
                quality.auc().getAsDouble(),
                serving.auc().getAsDouble(),
                settings.aucMargin(),
                candidate,
                before,
                scored -> -Quality.auc(candidate.card(), scored).orElse(Double.NaN));
    }

    private Gate calibrationError(Quality quality, Quality serving, Answers candidate, Answers before) {
        return notWorse(
                "calibration",
                "expected calibration error",
                quality.calibrationError(),
                serving.calibrationError(),
                settings.calibrationMargin(),
                candidate,
                before,
                CalibrationError::of);
    }

    private Gate logLoss(Quality quality, Quality serving, Answers candidate, Answers before) {
        return notWorse(
                "log-loss",
                "log-loss",
                quality.logLoss(),
                serving.logLoss(),
                settings.logLossMargin(),
                candidate,
                before,
                Quality::logLoss);
    }

    /**
     * Few rows say little about a figure such as these: it is held against a version if it is worse by more than the
     * margin, and by more than chance makes of answers that are as good.
     *
     * @param cost the figure, or its negative where more is better
     */
    private Gate notWorse(
            String name,
            String what,
            double figure,
            double servingFigure,
            double margin,
            Answers candidate,
            Answers before,
            ToDoubleFunction<List<Answer>> cost) {
        Map<String, Double> figures =
                new TreeMap<>(Map.of("value", figure, "serving", servingFigure, "margin", margin));
        String sentence = "%s %s, of the serving version %s; it may be worse by %s"
                .formatted(what, number(figure), number(servingFigure), number(margin));
        double excess = cost.applyAsDouble(scored(candidate.all())) - cost.applyAsDouble(scored(before.all()));
        if (excess <= margin || Double.isNaN(servingFigure)) {
            return Gate.of(name, true, figures, sentence);
        }
        if (!Double.isFinite(figure)) {
            return Gate.of(name, false, figures, sentence);
        }
        double p = RandomizationTest.isWorse(
                candidate.all(), before.all(), answers -> cost.applyAsDouble(scored(answers)));
        figures.put("p-worse", p);
        return Gate.of(
                name,
                p >= settings.alpha(),
                figures,
                "%s, and p = %s for so much by chance".formatted(sentence, number(p)));
    }

    private static List<Answer> scored(List<Answer> answers) {
        return answers.stream().filter(Answer::isScored).toList();
    }

    private Gate slices(List<Answer> now, List<Answer> before) {
        Map<String, List<Integer>> slices = Slices.of(now, settings.sliceRows());
        List<String> names = List.copyOf(slices.keySet());
        List<Pairs> pairs = names.stream()
                .map(name -> Pairs.of(now, before, slices.get(name)))
                .toList();
        double[] adjusted =
                Holm.adjusted(pairs.stream().mapToDouble(Pairs::worse).toArray());
        List<String> worse = new ArrayList<>();
        Map<String, Double> figures = new TreeMap<>();
        figures.put("slices", (double) names.size());
        for (int index = 0; index < names.size(); index++) {
            Pairs slice = pairs.get(index);
            if (slice.loss() > settings.sliceMargin() && adjusted[index] < settings.alpha()) {
                worse.add("%s (%s of %d rows, the serving version %s, p = %s)"
                        .formatted(
                                names.get(index),
                                percent(slice.accuracy()),
                                slice.rows(),
                                percent(slice.servingAccuracy()),
                                number(adjusted[index])));
                figures.put(names.get(index), slice.accuracy() - slice.servingAccuracy());
            }
        }
        return Gate.of(
                "slices",
                worse.isEmpty(),
                figures,
                worse.isEmpty()
                        ? "%d slices of %d rows or more, none of them worse by more than %s beyond chance"
                                .formatted(names.size(), settings.sliceRows(), percent(settings.sliceMargin()))
                        : "worse in %d of %d slices: %s"
                                .formatted(worse.size(), names.size(), String.join("; ", worse)));
    }

    private List<Contradiction> contradictions(List<Answer> serving) {
        // Silence never contradicts what was decided: beside it, whoever says that something was wrong would look
        // unusual.
        List<Answer> decided = serving.stream()
                .filter(answer ->
                        answer.decided().isPresent() && answer.example().getSource() != FeedbackSource.SILENCE)
                .toList();
        Map<String, List<Integer>> kinds = new TreeMap<>();
        for (int row = 0; row < decided.size(); row++) {
            LabelledExample example = decided.get(row).example();
            Slices.add(kinds, "source=" + example.getSource(), row);
            if (!example.getSaidBy().isEmpty()) {
                Slices.add(kinds, "said-by=" + example.getSaidBy(), row);
            }
        }
        Map<String, List<Integer>> all = new TreeMap<>(Slices.largest(kinds, 1));
        all.putAll(Slices.of(decided, settings.sliceRows()));
        return Contradictions.of(decided, all, settings.alpha());
    }

    /** Whether any of its training is in it: weights that are its parent's again would only take a trial's time. */
    public Gate learning(Trained trained) {
        return Gate.of(
                "learning",
                trained.kept() > 0,
                Map.of("epochs", (double) trained.epochs(), "kept", (double) trained.kept()),
                trained.kept() > 0
                        ? "the weights after %d of %d epochs are kept".formatted(trained.kept(), trained.epochs())
                        : "none of %d epochs made the examples that it was validated by likelier than the weights it began with; it needs more labels"
                                .formatted(trained.epochs()));
    }

    /**
     * Whether the bundle, as it was saved, answers its own golden inputs as the model did that was trained.
     *
     * @param candidate just loaded; it is warm then
     */
    public Gate ownGolden(TensorFlowModel candidate, Bundle bundle) {
        try {
            WarmUp warmUp = candidate.warmUp();
            return Gate.of(
                    "golden-own",
                    warmUp.goldenExamples() > 0,
                    Map.of(
                            "examples",
                            (double) warmUp.goldenExamples(),
                            "largest-difference",
                            warmUp.largestDifference()),
                    "%d golden inputs come out as they did, within %s"
                            .formatted(warmUp.goldenExamples(), number(warmUp.largestDifference())));
        } catch (ModelRefusedException e) {
            return Gate.of(
                    "golden-own",
                    false,
                    Map.of("examples", (double) bundle.goldenExamples().size()),
                    e.getMessage());
        }
    }

    /**
     * Whether the serving version's golden inputs are still decided rightly: as labelled where somebody said what they
     * are, else as the serving version decides them.
     *
     * @param golden of the serving version's bundle; passed if there are none
     * @param labelled requests whose labels are known
     */
    public Gate servingGolden(
            Model candidate, Model serving, List<GoldenExample> golden, Collection<LabelledExample> labelled) {
        Map<Object, String> labels = new HashMap<>();
        for (LabelledExample example : labelled) {
            labels.put(RollingFeatures.addTo(example.getPayload(), example.getFeatures()), example.getLabel());
        }
        int right = 0;
        int known = 0;
        int counted = 0;
        for (GoldenExample example : golden) {
            Optional<String> before = decision(serving, example.getPayload());
            Optional<String> label = Optional.ofNullable(labels.get(example.getPayload()));
            Optional<String> expected = label.isPresent() ? label : before;
            if (expected.isPresent()) {
                counted++;
                known += label.isPresent() ? 1 : 0;
                right += decision(candidate, example.getPayload()).equals(expected) ? 1 : 0;
            }
        }
        double agreement = counted == 0 ? 1 : right / (double) counted;
        return Gate.of(
                "golden-serving",
                agreement >= settings.goldenAgreement(),
                Map.of("examples", (double) counted, "labelled", (double) known, "right", (double) right),
                "%d of %d golden inputs of the serving version are decided as before or, for %d, as labelled; %s are needed"
                        .formatted(right, counted, known, percent(settings.goldenAgreement())));
    }

    private static Optional<String> decision(Model model, Object payload) {
        if (model.prepare(payload) instanceof Prepared.Ready ready) {
            return scores(model, ready.example())
                    .map(scores -> Verdict.of(
                            scores.deciding(), model.card().task(), model.card().decision()))
                    .flatMap(verdict -> verdict instanceof Verdict.Decided decided
                            ? Optional.of(decided.label())
                            : Optional.empty());
        }
        return Optional.empty();
    }

    /** Empty if the model fails on it, which is no reason not to judge the model by others. */
    private static Optional<Scores> scores(Model model, Example row) {
        try {
            return Optional.of(model.score(List.of(row)).get(0));
        } catch (ModelFailedException e) {
            return Optional.empty();
        }
    }

    /** Whether its SavedModel is as small: what a model takes of the memory is what its files have. */
    public Gate size(Bundle candidate, Bundle serving) throws IOException {
        double bytes = bytes(candidate.savedModel());
        double servingBytes = bytes(serving.savedModel());
        return Gate.of(
                "size",
                bytes <= settings.largestSizeRatio() * servingBytes,
                Map.of("bytes", bytes, "serving", servingBytes),
                "%.0f bytes, the serving version has %.0f; %s times as many may be"
                        .formatted(bytes, servingBytes, number(settings.largestSizeRatio())));
    }

    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }

    /**
     * Whether it is as fast: the best of several calls each, since other work on the machine only ever adds to it. Where
     * models run in the calling thread, by its processor time; else by the clock, since that thread only waits.
     *
     * @param examples to score, of which the first are taken, without those on which the models fail
     */
    public Gate time(Model candidate, Model serving, List<LabelledExample> examples, boolean inCallingThread) {
        List<Example> rows = rows(candidate, examples);
        List<Example> servingRows = rows(serving, examples);
        if (rows.isEmpty() || servingRows.isEmpty()) {
            return Gate.of("time", false, Map.of(), "no held-out row can be scored");
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        LongSupplier clock = inCallingThread ? threads::getCurrentThreadCpuTime : System::nanoTime;
        long best = Long.MAX_VALUE;
        long servingBest = Long.MAX_VALUE;
        for (int call = 0; call < TIMED_CALLS; call++) {
            best = Math.min(best, nanos(candidate, rows, clock));
            servingBest = Math.min(servingBest, nanos(serving, servingRows, clock));
        }
        double micros = best / 1e3 / rows.size();
        double servingMicros = servingBest / 1e3 / servingRows.size();
        return Gate.of(
                "time",
                micros <= settings.largestTimeRatio() * servingMicros,
                Map.of("micros-a-row", micros, "serving", servingMicros),
                "%.1f microseconds%s a row, the serving version %.1f; %s times as many may be"
                        .formatted(
                                micros,
                                inCallingThread ? " of processor time" : "",
                                servingMicros,
                                number(settings.largestTimeRatio())));
    }

    private static List<Example> rows(Model model, List<LabelledExample> examples) {
        List<Example> rows = new ArrayList<>();
        for (LabelledExample example : examples.subList(0, Math.min(TIMED_ROWS, examples.size()))) {
            Object payload = RollingFeatures.addTo(example.getPayload(), example.getFeatures());
            if (model.prepare(payload) instanceof Prepared.Ready ready
                    && scores(model, ready.example()).isPresent()) {
                rows.add(ready.example());
            }
        }
        return rows;
    }

    private static long nanos(Model model, List<Example> rows, LongSupplier clock) {
        long start = clock.getAsLong();
        model.score(rows);
        return clock.getAsLong() - start;
    }

    static String percent(double share) {
        return "%.2f %%".formatted(100 * share);
    }

    static String number(double value) {
        return "%.4g".formatted(value);
    }
}
