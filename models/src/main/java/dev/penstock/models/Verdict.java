package dev.penstock.models;

import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.Task;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** What the decision policy makes of one row's scores. */
public sealed interface Verdict {
    /**
     * The model was sure enough.
     *
     * @param label where labels do not exclude each other, the likeliest of those decided for, or empty if none is
     * @param confidence in that decision, 0 to 1
     * @param labels every label decided for, likeliest first
     */
    record Decided(String label, double confidence, List<String> labels) implements Verdict {
        public Decided {
            labels = List.copyOf(labels);
        }
    }

    /**
     * Nothing is decided.
     *
     * @param detail the reason in a sentence, with values
     * @param likeliestLabel the label with the highest confidence, if any has one
     * @param confidence that confidence, 0 to 1
     */
    record Abstained(Reason reason, String detail, Optional<String> likeliestLabel, OptionalDouble confidence)
            implements Verdict {}

    /** Why nothing is decided; named as in the prediction's schema. */
    enum Reason {
        LOW_CONFIDENCE,
        NON_FINITE_SCORES
    }

    /**
     * Applies a policy.
     *
     * @param scores of the deciding output, one per label of the card, each 0 to 1 or not finite
     */
    static Verdict of(LabelledScores scores, Task task, DecisionPolicy policy) {
        if (!scores.allFinite()) {
            return nonFinite(scores);
        }
        return switch (task) {
            case MULTICLASS -> likeliest(scores, policy);
            case BINARY -> side(scores, policy);
            case MULTILABEL -> every(scores, policy);
        };
    }

    private static Verdict nonFinite(LabelledScores scores) {
        List<String> labels = IntStream.range(0, scores.labels().size())
                .filter(index -> !Float.isFinite(scores.score(index)))
                .mapToObj(index -> "%s=%s".formatted(scores.labels().get(index), scores.score(index)))
                .toList();
        String detail = "the model gave %d of %d scores that are not finite numbers, such as %s"
                .formatted(labels.size(), scores.labels().size(), labels.get(0));
        return new Abstained(Reason.NON_FINITE_SCORES, detail, Optional.empty(), OptionalDouble.empty());
    }

    private static Verdict likeliest(LabelledScores scores, DecisionPolicy policy) {
        int top = scores.highestIndex();
        return decide(scores.labels().get(top), scores.score(top), policy);
    }

    private static Verdict side(LabelledScores scores, DecisionPolicy policy) {
        double positive = scores.score(1);
        return positive >= policy.threshold()
                ? decide(scores.labels().get(1), positive, policy)
                : decide(scores.labels().get(0), 1 - positive, policy);
    }

    private static Verdict decide(String label, double confidence, DecisionPolicy policy) {
        if (confidence < policy.abstainBelow()) {
            return lowConfidence(label, confidence, policy);
        }
        return new Decided(label, confidence, List.of(label));
    }

    private static Verdict every(LabelledScores scores, DecisionPolicy policy) {
        int top = scores.highestIndex();
        List<String> decided = IntStream.range(0, scores.labels().size())
                .filter(index -> scores.score(index) >= policy.threshold())
                .boxed()
                .sorted((left, right) -> Float.compare(scores.score(right), scores.score(left)))
                .map(scores.labels()::get)
                .toList();
        double confidence = decided.isEmpty() ? 1 - (double) scores.score(top) : scores.score(top);
        if (confidence < policy.abstainBelow()) {
            return lowConfidence(scores.labels().get(top), scores.score(top), policy);
        }
        return new Decided(decided.isEmpty() ? "" : decided.get(0), confidence, decided);
    }

    private static Verdict lowConfidence(String label, double confidence, DecisionPolicy policy) {
        String detail = "the likeliest label '%s' has a confidence of %.4f, below the %s from which policy %d decides"
                .formatted(label, confidence, policy.abstainBelow(), policy.version());
        return new Abstained(Reason.LOW_CONFIDENCE, detail, Optional.of(label), OptionalDouble.of(confidence));
    }
}
