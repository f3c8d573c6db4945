package dev.penstock.rollout.plan;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the versions of one model come to serve.
 *
 * @param requirement for leaving SHADOW
 * @param alpha the most that the probability of a mistake may be, over a whole trial and however often one looks: once for
 *     moving on a candidate that is not as the requirement says, and once for ending the trial of one that is within every
 *     limit
 * @param margin by how much a candidate may lose more than the champion before it counts as worse, in the loss's unit
 * @param largestWeight at which the weight of one label is cut, 1 or more: above 1 only where a pipeline explores
 * @param loss what a decision costs
 * @param shadow what is needed to leave SHADOW
 * @param steps what share a candidate answers for, and what is needed to leave it, the smallest first
 * @param maturity how old a prediction must be for its label to count
 * @param guardrails limits that need no labels
 * @param slices by which parts of the traffic are watched alone
 * @param labelHealth when labels are not believed
 * @param windowRows rows of the candidate after which an evaluation is written and tests look anew
 * @param windowLabels labels after which the same happens
 * @param silence what it means that nobody says anything of a request; null if nothing
 */
public record RolloutPlan(
        Requirement requirement,
        double alpha,
        double margin,
        double largestWeight,
        Loss loss,
        Shadow shadow,
        List<Step> steps,
        Maturity maturity,
        Guardrails guardrails,
        Slices slices,
        LabelHealth labelHealth,
        int windowRows,
        int windowLabels,
        @Nullable Silence silence)
        implements Serializable {

    public RolloutPlan {
        steps = List.copyOf(steps);
        new Checks()
                .require(alpha > 0 && alpha <= 0.5, "alpha", "%s is not above 0 and at most 0.5".formatted(alpha))
                .require(
                        margin > 0 && margin < loss.largest(),
                        "margin",
                        "%s is not above 0 and below the largest loss %s".formatted(margin, loss.largest()))
                .require(
                        slices.margin() < loss.largest(),
                        "slices.margin",
                        "%s is not below the largest loss %s".formatted(slices.margin(), loss.largest()))
                .require(
                        largestWeight >= 1 && Double.isFinite(largestWeight),
                        "largest-weight",
                        "%s is not 1 or more".formatted(largestWeight))
                .require(!steps.isEmpty(), "steps", "there is none; name one or more")
                .require(rise(steps), "steps", "their shares do not rise")
                .require(windowRows >= 10, "window-rows", "%d is too few; use 10 or more".formatted(windowRows))
                .require(windowLabels >= 10, "window-labels", "%d is too few; use 10 or more".formatted(windowLabels))
                .refuse("a rollout plan");
    }

    /**
     * What is needed to leave SHADOW, beside the requirement.
     *
     * @param maximumLabels after which a candidate that has not shown what is required is retired, so that it does not
     *     stand in the way of those that learn from more; it has answered nobody
     */
    public record Shadow(
            @Default("1000") long minimumRows,
            @Default("500") long minimumLabels,
            @Default("20000") long maximumLabels,
            @Default("PT1H") Duration minimumTime)
            implements Serializable {
        public Shadow {
            checkMinima(minimumRows, minimumLabels, minimumTime)
                    .require(
                            maximumLabels > minimumLabels,
                            "maximum-labels",
                            "%d is not above minimum-labels, %d".formatted(maximumLabels, minimumLabels))
                    .refuse("shadow");
        }
    }

    /**
     * One share of the traffic.
     *
     * @param share of entities, above 0 and at most 1
     * @param minimumRows that the candidate has answered at this step
     * @param minimumLabels pairs of labels of candidate and control at this step
     * @param minimumTime at this step
     */
    public record Step(
            double share,
            @Default("1000") long minimumRows,
            @Default("0") long minimumLabels,
            @Default("PT1H") Duration minimumTime)
            implements Serializable {
        public Step {
            checkMinima(minimumRows, minimumLabels, minimumTime)
                    .require(share > 0 && share <= 1, "share", "%s is not above 0 and at most 1".formatted(share))
                    .require(
                            share <= 0.5 || minimumLabels == 0,
                            "minimum-labels",
                            "above a share of 0.5 there is no control of equal size to compare with; use 0")
                    .refuse("a step");
        }
    }

    /**
     * How old a prediction must be for its label to count: what is known early is not like what is known late.
     *
     * @param human since a second opinion may still come
     * @param outcome since frauds are reported before harmless payments are known to be harmless
     * @param appeal which has the last word
     */
    public record Maturity(
            @Default("PT1H") Duration human,
            @Default("P7D") Duration outcome,
            @Default("PT0S") Duration appeal) implements Serializable {
        public Maturity {
            new Checks()
                    .require(!human.isNegative(), "human", "%s is negative".formatted(human))
                    .require(!outcome.isNegative(), "outcome", "%s is negative".formatted(outcome))
                    .require(!appeal.isNegative(), "appeal", "%s is negative".formatted(appeal))
                    .refuse("maturity");
        }

        /** @throws IllegalArgumentException for sources whose labels never count */
        public Duration of(FeedbackSource source) {
            return switch (source) {
                case HUMAN -> human;
                case OUTCOME -> outcome;
                case APPEAL -> appeal;
                case SILENCE -> Duration.ZERO; // It has lasted as long as its rule asks.
                case SYSTEM, UNKNOWN ->
                    throw new IllegalArgumentException(
                            "Cannot wait for a label by %s to mature: only people, outcomes and appeals count"
                                    .formatted(source));
            };
        }

        public static boolean counts(FeedbackSource source) {
            return source == FeedbackSource.SILENCE
                    || source == FeedbackSource.HUMAN
                    || source == FeedbackSource.OUTCOME
                    || source == FeedbackSource.APPEAL;
        }
    }

    /**
     * Limits that need no labels.
     *
     * @param failures share of rows that the candidate may fail on
     * @param nonFinite share of rows for which its scores may not be finite
     * @param latencyRatio a row is slow if it takes longer than the control's 99th percentile times this
     * @param slow share of rows that may be slow
     * @param abstention by how much it may abstain more often than the champion
     * @param disagreement share of rows that it may decide otherwise than the champion, in SHADOW
     * @param scoreShift how far its confidence may be distributed otherwise under traffic than in SHADOW: the largest
     *     difference between the two distribution functions
     */
    public record Guardrails(
            @Default("0.01") double failures,
            @Default("0.01") double nonFinite,
            @Default("1.5") double latencyRatio,
            @Default("0.03") double slow,
            @Default("0.1") double abstention,
            @Default("0.5") double disagreement,
            @Default("0.25") double scoreShift)
            implements Serializable {
        public Guardrails {
            Checks checks = new Checks();
            share(checks, failures, "failures");
            share(checks, nonFinite, "non-finite");
            share(checks, slow, "slow");
            share(checks, abstention, "abstention");
            share(checks, disagreement, "disagreement");
            share(checks, scoreShift, "score-shift");
            checks.require(
                            latencyRatio >= 1 && Double.isFinite(latencyRatio),
                            "latency-ratio",
                            "%s is not 1 or more".formatted(latencyRatio))
                    .refuse("guardrails");
        }
    }

    /**
     * Parts of the traffic that are watched alone.
     *
     * @param attributes of requests, each of whose values is a slice; the first {@value #MOST} values seen count
     * @param minimumLabels of a slice before it is judged
     * @param margin by how much the candidate may lose more than the champion in a slice before that ends the trial; the
     *     plan's margin counts where that is more
     * @param mustStandWithoutAny whether what a candidate has shown must also be shown by what is outside each slice, of
     *     those that hold at most half of the labels: so that labels of one slice alone, true or not, promote nothing
     */
    public record Slices(
            Set<String> attributes,
            @Default("200") long minimumLabels,
            @Default("0.05") double margin,
            @Default("true") boolean mustStandWithoutAny)
            implements Serializable {
        public static final int MOST = 32;

        public Slices {
            attributes = Set.copyOf(attributes);
            new Checks()
                    .require(
                            minimumLabels >= 1,
                            "minimum-labels",
                            "%d is too few; use 1 or more".formatted(minimumLabels))
                    .require(
                            margin > 0 && Double.isFinite(margin),
                            "margin",
                            "%s is not a positive number".formatted(margin))
                    .refuse("slices");
        }
    }

    /**
     * When labels are not believed.
     *
     * @param largestShare of one person, team or system among the labels that count, above 0 and at most 1: what it says
     *     beyond is left out, and what a candidate has shown must also be shown without it. At 1, for where all labels come
     *     from one source, neither is asked
     * @param minimumLabels before shares and contradictions are judged
     * @param contradictionIncrease by how much more often the labels of a source or slice may contradict the champion than
     *     they did before or, where they are new, than all others do
     * @param overruled share of counted labels that may be changed after they have counted
     * @param missingAfter how long a trial waits for a label before somebody is told
     */
    public record LabelHealth(
            @Default("0.5") double largestShare,
            @Default("100") long minimumLabels,
            @Default("0.15") double contradictionIncrease,
            @Default("0.1") double overruled,
            @Default("P1D") Duration missingAfter)
            implements Serializable {
        public LabelHealth {
            Checks checks = new Checks();
            share(checks, contradictionIncrease, "contradiction-increase");
            share(checks, overruled, "overruled");
            checks.require(
                            largestShare > 0 && largestShare <= 1,
                            "largest-share",
                            "%s is not above 0 and at most 1".formatted(largestShare))
                    .require(
                            minimumLabels >= 1,
                            "minimum-labels",
                            "%d is too few; use 1 or more".formatted(minimumLabels))
                    .require(
                            !missingAfter.isNegative() && !missingAfter.isZero(),
                            "missing-after",
                            "%s is not positive".formatted(missingAfter))
                    .refuse("label health");
        }

        /** Whether one source among several is not to be trusted alone. */
        public boolean needsSeveralSources() {
            return largestShare < 1;
        }
    }

    /** Hours to days for each step, thousands of labels. */
    public static RolloutPlan production() {
        return new RolloutPlan(
                Requirement.SUPERIOR,
                0.05,
                0.01,
                1,
                new Loss.Errors(0.5),
                new Shadow(1_000, 500, 20_000, Duration.ofHours(1)),
                List.of(
                        new Step(0.01, 1_000, 100, Duration.ofHours(1)),
                        new Step(0.05, 2_000, 200, Duration.ofHours(2)),
                        new Step(0.25, 5_000, 500, Duration.ofHours(6)),
                        new Step(0.5, 10_000, 500, Duration.ofHours(12)),
                        new Step(1, 10_000, 0, Duration.ofHours(12))),
                new Maturity(Duration.ofHours(1), Duration.ofDays(7), Duration.ZERO),
                new Guardrails(0.01, 0.01, 1.5, 0.03, 0.1, 0.5, 0.25),
                new Slices(Set.of(), 200, 0.05, true),
                new LabelHealth(0.5, 100, 0.15, 0.1, Duration.ofDays(1)),
                1_000,
                200,
                null);
    }

    /** Seconds for each step, hundreds of labels: to be watched, not to be relied on. */
    public static RolloutPlan demo() {
        return new RolloutPlan(
                Requirement.SUPERIOR,
                0.1,
                0.02,
                1,
                new Loss.Errors(0.5),
                new Shadow(100, 50, 800, Duration.ofSeconds(2)),
                List.of(
                        new Step(0.01, 5, 0, Duration.ofSeconds(2)),
                        new Step(0.05, 20, 0, Duration.ofSeconds(2)),
                        new Step(0.25, 50, 0, Duration.ofSeconds(2)),
                        new Step(0.5, 100, 10, Duration.ofSeconds(2)),
                        new Step(1, 100, 0, Duration.ofSeconds(2))),
                new Maturity(Duration.ZERO, Duration.ZERO, Duration.ZERO),
                new Guardrails(0.05, 0.05, 10, 0.2, 0.25, 0.8, 0.6),
                new Slices(Set.of(), 50, 0.2, true),
                new LabelHealth(0.5, 50, 0.2, 0.2, Duration.ofSeconds(30)),
                100,
                50,
                null);
    }

    /**
     * Everything that evidence is gathered on, and the shares by which a trial goes on, in words: where it is the same, evidence gathered under one plan counts
     * under another.
     */
    public String terms() {
        String costs = loss instanceof Loss.Costs table
                ? "%s %s %s".formatted(sorted(table.deciding()), table.abstained(), table.otherwise())
                : loss.toString();
        return String.join(
                "; ",
                costs,
                requirement.name(),
                "%s %s %s".formatted(alpha, margin, largestWeight),
                guardrails.toString(),
                "%s %s".formatted(new TreeSet<>(slices.attributes()), slices.margin()),
                steps.stream().map(step -> Double.toString(step.share())).collect(Collectors.joining(" ")),
                "%d %d".formatted(windowRows, windowLabels) + (silence == null ? "" : "; " + silence));
    }

    private static Map<String, Map<String, Double>> sorted(Map<String, Map<String, Double>> costs) {
        Map<String, Map<String, Double>> sorted = new TreeMap<>();
        costs.forEach((label, truths) -> sorted.put(label, new TreeMap<>(truths)));
        return sorted;
    }

    private static boolean rise(List<Step> steps) {
        for (int index = 1; index < steps.size(); index++) {
            if (steps.get(index).share() <= steps.get(index - 1).share()) {
                return false;
            }
        }
        return true;
    }

    private static Checks checkMinima(long rows, long labels, Duration time) {
        return new Checks()
                .require(rows >= 1, "minimum-rows", "%d is too few; use 1 or more".formatted(rows))
                .require(labels >= 0, "minimum-labels", "%d is negative".formatted(labels))
                .require(!time.isNegative(), "minimum-time", "%s is negative".formatted(time));
    }

    private static void share(Checks checks, double share, String key) {
        checks.require(share > 0 && share <= 1, key, "%s is not above 0 and at most 1".formatted(share));
    }
}
