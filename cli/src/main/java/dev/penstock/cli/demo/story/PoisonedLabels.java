package dev.penstock.cli.demo.story;

import dev.penstock.ingest.producer.Report;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Prediction;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Wrong labels on purpose, from one source that says more than anybody else: about everything, or about one slice. */
public final class PoisonedLabels {
    private final String description;
    private final String saidBy;
    private final double share;
    private final Predicate<Prediction> attacked;
    private final Truth truth;
    private final Chance chance;

    private PoisonedLabels(
            String description, String saidBy, double share, Predicate<Prediction> attacked, Truth truth, long seed) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot poison a share of %s: it must be above 0, at most 1".formatted(share));
        }
        this.description = description;
        this.saidBy = saidBy;
        this.share = share;
        this.attacked = attacked;
        this.truth = truth;
        this.chance = new Chance("poison", seed);
    }

    /**
     * Somebody who floods the feed with wrong labels of every kind.
     *
     * @param share of requests that they lie about, above 0 to 1
     */
    public static PoisonedLabels flood(String saidBy, double share, Truth truth, long seed) {
        return new PoisonedLabels("every request", saidBy, share, prediction -> true, truth, seed);
    }

    /**
     * Somebody who lies about one slice alone, such as everything from one country.
     *
     * @param attribute of requests
     * @param value that the attacked ones have
     */
    public static PoisonedLabels slice(String saidBy, String attribute, String value, Truth truth, long seed) {
        return new PoisonedLabels(
                "%s=%s".formatted(attribute, value),
                saidBy,
                1,
                prediction -> value.equals(prediction.getAttributes().get(attribute)),
                truth,
                seed);
    }

    /** What is said of these requests; of those whose truth is not known, nothing. */
    public List<Report> about(Collection<Prediction> predictions) {
        return predictions.stream()
                .filter(attacked)
                .filter(prediction -> truth.of(prediction).isPresent())
                .filter(prediction -> chance.of(prediction).nextDouble() < share)
                .map(this::lie)
                .toList();
    }

    private Report lie(Prediction prediction) {
        String label = Chance.other(
                truth.labels(prediction.getPipeline()), truth.of(prediction).orElseThrow(), chance.of(prediction));
        return Report.of(prediction.getPipeline(), prediction.getRequestId(), label, FeedbackSource.HUMAN)
                .by(saidBy);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "'%s' lies about %.0f%% of %s", saidBy, share * 100, description);
    }
}
