package dev.penstock.models.tensorflow;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.GoldenExample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the first calls of a model gave.
 *
 * @param goldenExamples that were compared; 0 if the bundle has none
 * @param largestDifference between a score and its golden one, 0 to 1
 * @param took for all calls
 */
public record WarmUp(int goldenExamples, double largestDifference, Duration took) {
    /**
     * How far scores may be from those of the machine that made the model. Processors and devices round differently,
     * and reduced precision (bfloat16, TF32) moves scores by thousandths; another model or another preprocessing moves
     * them by more.
     */
    public static final double TOLERANCE = 0.01;

    private static final int ROWS_A_CALL = 32;

    static WarmUp of(TensorFlowModel model, List<GoldenExample> golden) {
        long start = System.nanoTime();
        double largest = 0;
        try {
            if (golden.isEmpty()) {
                model.score(List.of(SyntheticExample.of(model.card())));
            }
            for (int from = 0; from < golden.size(); from += ROWS_A_CALL) {
                List<GoldenExample> part = golden.subList(from, Math.min(from + ROWS_A_CALL, golden.size()));
                largest = Math.max(largest, largestDifference(model, part, from));
            }
            for (Example row : SyntheticExample.ofEveryLength(model.card())) {
                model.score(List.of(row));
            }
            PaddingCheck.require(model, golden);
        } catch (ModelFailedException e) {
            throw TensorFlowModel.refused(model.card(), "warm up", why(e), e);
        }
        return new WarmUp(golden.size(), largest, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Rows to try the model with: those of its golden examples, or one made from the card. */
    static List<Example> rows(TensorFlowModel model, List<GoldenExample> golden) {
        List<Example> rows = new ArrayList<>();
        for (GoldenExample example : golden.subList(0, Math.min(golden.size(), ROWS_A_CALL))) {
            if (model.prepare(example.getPayload()) instanceof Prepared.Ready ready) {
                rows.add(ready.example());
            }
        }
        return rows.isEmpty() ? List.of(SyntheticExample.of(model.card())) : rows;
    }

    /** Penstock's own reasons say what to do; TensorFlow's do not. */
    private static String why(ModelFailedException failure) {
        if (failure.getCause() instanceof UnservableException own) {
            return own.why();
        } else if (failure.getCause() instanceof TensorFlowFailure theirs) {
            return "TensorFlow says: %s; check the card's inputs, and try the model where it was made"
                    .formatted(theirs.words());
        }
        return "%s; try the model where it was made".formatted(failure.getMessage());
    }

    private static double largestDifference(TensorFlowModel model, List<GoldenExample> golden, int from) {
        List<Example> examples = new ArrayList<>();
        for (GoldenExample example : golden) {
            Prepared prepared = model.prepare(example.getPayload());
            if (prepared instanceof Prepared.Ready ready) {
                examples.add(ready.example());
            } else if (prepared instanceof Prepared.Rejected rejected) {
                throw refused(model.card(), from + examples.size(), rejected.reason());
            }
        }
        List<Scores> scores = model.score(examples);
        double largest = 0;
        for (int index = 0; index < golden.size(); index++) {
            LabelledScores actual = scores.get(index).deciding();
            for (Map.Entry<String, Float> expected :
                    golden.get(index).getScores().entrySet()) {
                int label = actual.labels().indexOf(expected.getKey());
                if (label < 0) {
                    throw refused(
                            model.card(),
                            from + index,
                            "it expects a score for '%s', which is no label of the card".formatted(expected.getKey()));
                }
                double difference = Math.abs(actual.score(label) - expected.getValue());
                // Written so that NaN fails, too.
                if (!(difference <= TOLERANCE)) {
                    throw refused(
                            model.card(),
                            from + index,
                            "it scores %s for '%s' where %s was expected"
                                    .formatted(actual.score(label), expected.getKey(), expected.getValue()));
                }
                largest = Math.max(largest, difference);
            }
        }
        return largest;
    }

    private static ModelRefusedException refused(ModelCard card, int example, String why) {
        return new ModelRefusedException(
                "Cannot warm up model '%s' version %d: golden example %d does not come out as it did: %s; check the card's inputs and outputs"
                        .formatted(card.name(), card.version(), example, why));
    }
}
