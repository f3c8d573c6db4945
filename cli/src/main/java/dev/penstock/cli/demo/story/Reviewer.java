package dev.penstock.cli.demo.story;

import dev.penstock.ingest.producer.Report;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Prediction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * People and systems that learn what some requests really were, some time after they were decided, and are sometimes
 * mistaken. Knows no clock: it is told what time it is. Thread-safe.
 */
public final class Reviewer {
    private final Truth truth;
    private final Map<String, Habits> habits;
    private final Chance chance;
    private final Set<String> seen = new HashSet<>();
    private final PriorityQueue<Planned> planned = new PriorityQueue<>(Comparator.comparing(Planned::due));
    private final Map<String, Said> said = new HashMap<>();

    /**
     * How one pipeline's requests are reviewed.
     *
     * @param share of requests that anybody looks at, 0 to 1
     * @param noise share of those whose label is mistaken, 0 to 1
     * @param soonest after the decision
     * @param latest after the decision
     * @param names of those who say so, one or more
     */
    public record Habits(
            double share, double noise, Duration soonest, Duration latest, FeedbackSource source, List<String> names) {
        public Habits {
            names = List.copyOf(names);
            if (!(share >= 0 && share <= 1 && noise >= 0 && noise <= 1)) {
                throw new IllegalArgumentException(
                        "Cannot review a share of %s with a share of %s mistaken: both must be between 0 and 1"
                                .formatted(share, noise));
            }
            if (soonest.isNegative() || latest.compareTo(soonest) < 0) {
                throw new IllegalArgumentException(
                        "Cannot review between %s and %s after a decision: the first must not be negative, nor the second before it"
                                .formatted(soonest, latest));
            }
            if (names.isEmpty()) {
                throw new IllegalArgumentException("Cannot review without a reviewer: name one or more");
            }
        }

        /** People who look at two of five requests within seconds, and mistake one in fifty. */
        public static Habits people(Duration soonest, Duration latest) {
            return new Habits(0.4, 0.02, soonest, latest, FeedbackSource.HUMAN, List.of("ada", "grace", "alan"));
        }

        /** The same, of another share of the requests. */
        public Habits withShare(double other) {
            return new Habits(other, noise, soonest, latest, source, names);
        }

        /** What becomes of payments: known of most, late, and hardly ever wrong. */
        public static Habits outcomes(Duration soonest, Duration latest) {
            return new Habits(0.8, 0.002, soonest, latest, FeedbackSource.OUTCOME, List.of("chargebacks"));
        }
    }

    /**
     * What was said of one pipeline.
     *
     * @param mistaken of them, which is not what they say
     * @param first when the first was due
     */
    public record Said(int reports, int mistaken, Instant first) {}

    private record Planned(Instant due, Report report, boolean mistaken) {}

    /** @param habits by pipeline; what is decided for another is not reviewed */
    public Reviewer(Truth truth, Map<String, Habits> habits, long seed) {
        this.truth = truth;
        this.habits = Map.copyOf(habits);
        this.chance = new Chance("review", seed);
    }

    /** Decides whether somebody looks at the request, when, and what they will say. */
    public void predicted(Prediction prediction, Instant at) {
        Habits of = habits.get(prediction.getPipeline());
        Optional<String> label = truth.of(prediction);
        if (of != null && label.isPresent()) {
            plan(prediction, label.get(), of, at);
        }
    }

    private synchronized void plan(Prediction prediction, String label, Habits of, Instant at) {
        if (!seen.add(prediction.getPipeline() + '/' + prediction.getRequestId())) {
            return; // Written twice after a failure.
        }
        SplittableRandom random = chance.of(prediction);
        if (random.nextDouble() >= of.share()) {
            return;
        }
        boolean mistaken = random.nextDouble() < of.noise();
        String saidLabel = mistaken ? Chance.other(truth.labels(prediction.getPipeline()), label, random) : label;
        long spread = of.latest().minus(of.soonest()).toMillis();
        Instant due = at.plus(of.soonest()).plusMillis(random.nextLong(spread + 1));
        Report report = Report.of(prediction.getPipeline(), prediction.getRequestId(), saidLabel, of.source())
                .by(of.names().get(random.nextInt(of.names().size())))
                .at(due);
        planned.add(new Planned(due, report, mistaken));
    }

    /** What is to be said by now and was not asked for before, the earliest first. */
    public synchronized List<Report> due(Instant now) {
        List<Report> reports = new ArrayList<>();
        while (!planned.isEmpty() && !planned.peek().due().isAfter(now)) {
            Planned next = planned.remove();
            reports.add(next.report());
            said.merge(
                    next.report().pipeline(),
                    new Said(1, next.mistaken() ? 1 : 0, next.due()),
                    (all, one) -> new Said(all.reports() + 1, all.mistaken() + one.mistaken(), all.first()));
        }
        return reports;
    }

    /** What was {@linkplain #due said} of a pipeline so far; empty if nothing was. */
    public synchronized Optional<Said> said(String pipeline) {
        return Optional.ofNullable(said.get(pipeline));
    }
}
