package dev.penstock.models.tensorflow;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.schemas.GoldenExample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether a model answers alike however far a text is padded. Where it does not, buckets would decide by a text's length
 * what its score is.
 */
final class PaddingCheck {
    private PaddingCheck() {}

    /**
     * Tries golden examples and, since there may be none, a made-up row of each length.
     *
     * @throws ModelRefusedException if an answer changes by more than {@link WarmUp#TOLERANCE}
     */
    static void require(TensorFlowModel model, List<GoldenExample> golden) {
        ModelCard card = model.card();
        if (card.inputs().stream()
                .noneMatch(input ->
                        input instanceof Tokens tokens && !tokens.buckets().isEmpty())) {
            return;
        }
        List<Example> rows = new ArrayList<>(WarmUp.rows(model, golden));
        rows.addAll(SyntheticExample.ofEveryLength(card));
        List<Scores> asTheyAre = model.score(rows);
        List<Scores> padded =
                model.score(rows.stream().map(row -> padded(row, card)).toList());
        for (int row = 0; row < rows.size(); row++) {
            LabelledScores expected = padded.get(row).deciding();
            LabelledScores actual = asTheyAre.get(row).deciding();
            for (int label = 0; label < expected.labels().size(); label++) {
                // Written so that NaN fails, too.
                if (!(Math.abs(actual.score(label) - expected.score(label)) <= WarmUp.TOLERANCE)) {
                    throw new ModelRefusedException(
                            "Cannot warm up model '%s' version %d: padding changes its answers (%s for '%s', and %s with more of it); remove 'buckets' from its card"
                                    .formatted(
                                            card.name(),
                                            card.version(),
                                            actual.score(label),
                                            expected.labels().get(label),
                                            expected.score(label)));
                }
            }
        }
    }

    private static Example padded(Example row, ModelCard card) {
        List<Value> values = new ArrayList<>();
        for (int index = 0; index < row.values().size(); index++) {
            values.add(padded(row.values().get(index), card.inputs().get(index)));
        }
        return new Example(values);
    }

    private static Value padded(Value value, InputSpec input) {
        if (input instanceof Tokens tokens && value instanceof Value.Integers integers) {
            int[] longer = Arrays.copyOf(integers.values(), tokens.length());
            if (tokens.part() == Tokens.Part.IDS) {
                Arrays.fill(longer, integers.values().length, longer.length, tokens.padding());
            }
            return new Value.Integers(longer);
        }
        return value;
    }
}
