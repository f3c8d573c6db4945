package dev.penstock.cli.demo.story;

import com.mitchtalmadge.asciidata.graph.ASCIIGraph;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/** Keeps the score: what each version of each model decided, when, and whether that was right. Thread-safe. */
public final class AccuracyByVersion {
    private static final int CHART_ROWS = 8;
    private static final int WIDEST_CHART = 60;

    private final Truth truth;
    private final Map<String, TreeMap<Integer, Version>> models = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();

    /** Whether a decision was right, and when it was seen. */
    private record Judgement(Instant at, boolean right) {}

    private static final class Version {
        private final Counts served = new Counts();
        private final Counts shadowed = new Counts();
        private final List<Judgement> judgements = new ArrayList<>();
        private int answered;
    }

    /**
     * How good a version was at a time.
     *
     * @param at the end of a window of its decisions
     * @param accuracy in that window, 0 to 1
     */
    public record Point(Instant at, double accuracy) {}

    /** One version's score so far; counts are not changed any more. */
    public record Score(
            String model, int version, int answered, OptionalDouble accuracy, OptionalDouble shadowAccuracy) {}

    public AccuracyByVersion(Truth truth) {
        this.truth = truth;
    }

    /** Counts an answer once, however often it is seen; one whose truth is not known only as answered. */
    public synchronized void predicted(Prediction prediction, Instant at) {
        if (!seen.add(prediction.getPredictionId())) {
            return;
        }
        Version version = models.computeIfAbsent(prediction.getModel(), model -> new TreeMap<>())
                .computeIfAbsent(prediction.getModelVersion(), number -> new Version());
        boolean shadow = prediction.getVariant() == Variant.SHADOW;
        if (!shadow) {
            version.answered++;
        }
        Optional<String> label = truth.of(prediction);
        if (label.isEmpty()) {
            return;
        }
        Counts counts = shadow ? version.shadowed : version.served;
        if (prediction.getOutcome() instanceof Decision decision) {
            counts.add(label.get(), decision.getLabel());
            if (!shadow) {
                version.judgements.add(new Judgement(at, label.get().equals(decision.getLabel())));
            }
        } else {
            counts.addAbstention();
        }
    }

    /** By model and then by version. */
    public synchronized List<Score> scores() {
        List<Score> scores = new ArrayList<>();
        models.forEach((model, versions) -> versions.forEach((number, version) -> scores.add(
                new Score(model, number, version.answered, version.served.accuracy(), version.shadowed.accuracy()))));
        return scores;
    }

    /**
     * Share of a model's requests that one version answered, 0 to 1.
     *
     * @param since counting all versions' answers to events whose truth is known from then on
     */
    public synchronized double shareOf(String model, int version, Instant since) {
        long all = 0;
        long own = 0;
        for (Map.Entry<Integer, Version> entry :
                models.getOrDefault(model, new TreeMap<>()).entrySet()) {
            long count = entry.getValue().judgements.stream()
                    .filter(judgement -> !judgement.at().isBefore(since))
                    .count();
            all += count;
            own += entry.getKey() == version ? count : 0;
        }
        return all == 0 ? 0 : own / (double) all;
    }

    /**
     * Each version's accuracy over time.
     *
     * @param window decisions of one version that make a point; its rest makes a last one if it is half a window
     */
    public synchronized Map<Integer, List<Point>> overTime(String model, int window) {
        Map<Integer, List<Point>> curves = new TreeMap<>();
        models.getOrDefault(model, new TreeMap<>()).forEach((number, version) -> {
            List<Point> points = points(version.judgements, window);
            if (!points.isEmpty()) {
                curves.put(number, points);
            }
        });
        return curves;
    }

    private static List<Point> points(List<Judgement> judgements, int window) {
        if (window < 1) {
            throw new IllegalArgumentException("Cannot average over %d decisions: use 1 or more".formatted(window));
        }
        List<Point> points = new ArrayList<>();
        for (int start = 0; start < judgements.size(); start += window) {
            List<Judgement> some = judgements.subList(start, Math.min(judgements.size(), start + window));
            if (2 * some.size() >= window) {
                double right = some.stream().filter(Judgement::right).count();
                points.add(new Point(some.get(some.size() - 1).at(), right / some.size()));
            }
        }
        return points;
    }

    /** For a person. */
    public Table table() {
        Table table = Table.withColumns("MODEL", "VERSION", "ANSWERED", "ACCURACY", "AS SHADOW");
        for (Score score : scores()) {
            table.row(
                    score.model(),
                    score.version(),
                    score.answered(),
                    share(score.accuracy()),
                    share(score.shadowAccuracy()));
        }
        return table;
    }

    /**
     * Accuracy of what was served over time, whichever version it was, drawn with characters.
     *
     * @param window decisions that make a point
     * @return empty before there are two points
     */
    public synchronized Optional<String> chart(String model, int window) {
        List<Judgement> all = new ArrayList<>();
        models.getOrDefault(model, new TreeMap<>()).values().forEach(version -> all.addAll(version.judgements));
        all.sort((one, other) -> one.at().compareTo(other.at()));
        List<Point> points = points(all, Math.max(window, (all.size() + WIDEST_CHART - 1) / WIDEST_CHART));
        if (points.size() < 2) {
            return Optional.empty();
        }
        String title = "%s: accuracy of what was served, %.0f s"
                .formatted(
                        model,
                        Duration.between(
                                                all.get(0).at(),
                                                all.get(all.size() - 1).at())
                                        .toMillis()
                                / 1000.0);
        String graph = ASCIIGraph.fromSeries(
                        points.stream().mapToDouble(Point::accuracy).toArray())
                .withNumRows(CHART_ROWS)
                .withTickFormat(new DecimalFormat("0.00", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .plot();
        return Optional.of(title + System.lineSeparator() + graph.stripTrailing());
    }

    private static String share(OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, "%.3f", value.getAsDouble()) : "-";
    }
}
