package dev.penstock.models.judging;

import dev.penstock.models.Verdict;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.Task;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How good a version's answers are.
 *
 * @param rows that were asked
 * @param accuracy share decided rightly; what is abstained from is not
 * @param abstained share that it did not decide, or could not answer
 * @param calibrationError see {@link CalibrationError}; NaN if no row was scored
 * @param logLoss mean negative log-likelihood of the labels, over the rows that were scored; NaN if there is none
 * @param auc of binary models with rows of both labels
 * @param precision of binary models: of what is decided for the second label, the share that is
 * @param recall of binary models: of what is the second label, the share that is decided for it
 */
public record Quality(
        int rows,
        double accuracy,
        double abstained,
        double calibrationError,
        double logLoss,
        OptionalDouble auc,
        OptionalDouble precision,
        OptionalDouble recall) {
    /** A label thought impossible costs 16, and not more than everything else together. */
    private static final double LEAST = 1e-7;

    /** @throws IllegalArgumentException if there is no answer */
    public static Quality of(Answers answers) {
        List<Answer> all = answers.all();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("Cannot say how good model '%s' is: it was asked nothing"
                    .formatted(answers.card().name()));
        }
        List<Answer> scored = all.stream().filter(Answer::isScored).toList();
        return new Quality(
                all.size(),
                share(all.stream().filter(Answer::isRight).count(), all.size()),
                share(all.stream().filter(answer -> !decides(answer)).count(), all.size()),
                CalibrationError.of(scored),
                logLoss(scored),
                auc(answers.card(), scored),
                positives(answers.card(), all, true),
                positives(answers.card(), all, false));
    }

    /** @param scored answers with scores; NaN if there are none */
    static double logLoss(List<Answer> scored) {
        return scored.stream()
                .mapToDouble(answer -> -Math.log(Math.max(LEAST, answer.likelihood())))
                .average()
                .orElse(Double.NaN);
    }

    private static boolean decides(Answer answer) {
        return answer.verdict().filter(Verdict.Decided.class::isInstance).isPresent();
    }

    private static double share(long part, long whole) {
        return part / (double) whole;
    }

    /** Right decisions for the second label among all such decisions, or among all such rows. */
    private static OptionalDouble positives(ModelCard card, List<Answer> answers, boolean ofDecisions) {
        if (card.task() != Task.BINARY) {
            return OptionalDouble.empty();
        }
        String positive = card.labels().get(1);
        long right = 0;
        long counted = 0;
        for (Answer answer : answers) {
            boolean decided = answer.decided().filter(positive::equals).isPresent();
            boolean is = answer.label() == 1;
            right += decided && is ? 1 : 0;
            counted += (ofDecisions ? decided : is) ? 1 : 0;
        }
        return counted == 0 ? OptionalDouble.empty() : OptionalDouble.of(share(right, counted));
    }

    /**
     * The share of pairs of a row of the second label and one of the first in which the second's scores higher; a tie is
     * half a pair (Mann, Whitney 1947).
     */
    static OptionalDouble auc(ModelCard card, List<Answer> scored) {
        long positives = scored.stream().filter(answer -> answer.label() == 1).count();
        long negatives = scored.size() - positives;
        if (card.task() != Task.BINARY || positives == 0 || negatives == 0) {
            return OptionalDouble.empty();
        }
        Answer[] rising = scored.toArray(Answer[]::new);
        Arrays.sort(rising, Comparator.comparingDouble(Quality::positiveScore));
        double ranks = 0;
        for (int start = 0; start < rising.length; ) {
            int end = start;
            while (end < rising.length && positiveScore(rising[end]) == positiveScore(rising[start])) {
                end++;
            }
            for (int index = start; index < end; index++) {
                ranks += rising[index].label() == 1 ? (start + 1 + end) / 2.0 : 0;
            }
            start = end;
        }
        return OptionalDouble.of((ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives));
    }

    private static double positiveScore(Answer answer) {
        return answer.scores().orElseThrow().score(1);
    }

    /** As a model card has them, rounded to what so few rows can say. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new TreeMap<>();
        metrics.put("held-out-rows", (double) rows);
        put(metrics, "accuracy", accuracy);
        put(metrics, "abstained", abstained);
        put(metrics, "calibration-error", calibrationError);
        put(metrics, "log-loss", logLoss);
        auc.ifPresent(value -> put(metrics, "auc", value));
        precision.ifPresent(value -> put(metrics, "precision", value));
        recall.ifPresent(value -> put(metrics, "recall", value));
        return metrics;
    }

    private static void put(Map<String, Double> metrics, String name, double value) {
        if (Double.isFinite(value)) {
            metrics.put(name, Math.rint(value * 1e6) / 1e6);
        }
    }
}
