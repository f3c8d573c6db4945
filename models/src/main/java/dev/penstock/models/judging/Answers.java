package dev.penstock.models.judging;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.Temperature;
import dev.penstock.models.Verdict;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.features.RollingFeatures;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.LabelledExample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one version says to labelled requests, in their order, by the code that serves.
 *
 * @param card whose labels and policy the answers are of
 */
public record Answers(ModelCard card, List<Answer> all) {
    private static final int ROWS_A_CALL = 32;

    public Answers {
        all = List.copyOf(all);
    }

    /**
     * Asks a version.
     *
     * @param examples whose labels are all among the card's
     * @param rest told after each call how many nanoseconds it took, so that the caller can leave the processor to others
     */
    public static Answers of(Model model, List<LabelledExample> examples, LongConsumer rest) {
        List<Answer> answers = new ArrayList<>(examples.size());
        for (int start = 0; start < examples.size(); start += ROWS_A_CALL) {
            long began = System.nanoTime();
            answers.addAll(answer(model, examples.subList(start, Math.min(examples.size(), start + ROWS_A_CALL))));
            rest.accept(System.nanoTime() - began);
        }
        return new Answers(model.card(), answers);
    }

    private static List<Answer> answer(Model model, List<LabelledExample> examples) {
        List<Example> rows = new ArrayList<>();
        boolean[] ready = new boolean[examples.size()];
        for (int index = 0; index < ready.length; index++) {
            LabelledExample example = examples.get(index);
            Prepared prepared = model.prepare(RollingFeatures.addTo(example.getPayload(), example.getFeatures()));
            if (prepared instanceof Prepared.Ready usable) {
                rows.add(usable.example());
                ready[index] = true;
            }
        }
        List<Optional<LabelledScores>> scores = rows.isEmpty() ? List.of() : scores(model, rows);
        List<Answer> answers = new ArrayList<>(examples.size());
        int next = 0;
        for (int index = 0; index < ready.length; index++) {
            Optional<LabelledScores> known = ready[index] ? scores.get(next++) : Optional.empty();
            answers.add(answer(model.card(), examples.get(index), known));
        }
        return answers;
    }

    /** A row on which the model fails takes no other with it. */
    private static List<Optional<LabelledScores>> scores(Model model, List<Example> rows) {
        try {
            return model.score(rows).stream()
                    .map(Scores::deciding)
                    .map(Optional::of)
                    .toList();
        } catch (ModelFailedException e) {
            if (rows.size() == 1) {
                return List.of(Optional.empty());
            }
            List<Optional<LabelledScores>> halves = new ArrayList<>(scores(model, rows.subList(0, rows.size() / 2)));
            halves.addAll(scores(model, rows.subList(rows.size() / 2, rows.size())));
            return halves;
        }
    }

    private static Answer answer(ModelCard card, LabelledExample example, Optional<LabelledScores> scores) {
        int label = card.labels().indexOf(example.getLabel());
        if (label < 0) {
            throw new IllegalArgumentException("Cannot judge model '%s' by request '%s': its label '%s' is none of %s"
                    .formatted(card.name(), example.getRequestId(), example.getLabel(), card.labels()));
        }
        return new Answer(example, label, scores, scores.map(known -> Verdict.of(known, card.task(), card.decision())));
    }

    /**
     * What the same model, not calibrated yet, would say with another card that differs in the calibration and the
     * policy alone.
     */
    public Answers under(ModelCard calibrated) {
        @Nullable Temperature temperature = Temperature.of(calibrated);
        return new Answers(
                calibrated,
                all.stream()
                        .map(answer -> answer(
                                calibrated,
                                answer.example(),
                                answer.scores()
                                        .map(scores -> temperature == null ? scores : temperature.apply(scores))))
                        .toList());
    }
}
