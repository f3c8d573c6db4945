package dev.penstock.models.learning;

import dev.penstock.models.architectures.TrainingExample;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.features.RollingFeatures;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.preprocessing.Preprocessor;
import dev.penstock.models.preprocessing.Preprocessors;
import dev.penstock.schemas.LabelledExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** A training set as one model can use it: rows with weights, by the code that serves. Immutable. */
final class Lesson {
    private final TrainingSet examples;
    private final List<TrainingExample> rows;
    private final List<LabelledExample> heldOut;
    private final int unusable;

    /**
     * @param directory that the card's files are in
     * @param rest told after each example how many nanoseconds it took, so that the caller can leave the processor to others
     * @throws IllegalArgumentException if nothing is left to learn from, or to judge by
     */
    Lesson(ModelCard card, Path directory, TrainingSet examples, double largestWeight, LongConsumer rest) {
        this.examples = examples;
        Preprocessor preprocessor = Preprocessors.of(card, directory);
        heldOut = examples.heldOut().stream()
                .filter(example -> card.labels().contains(example.getLabel()))
                .toList();
        rows = rows(card, preprocessor, examples.training(), largestWeight, rest);
        unusable = examples.training().size() - rows.size() + examples.heldOut().size() - heldOut.size();
        if (rows.isEmpty() || heldOut.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot train model '%s': of %d examples to learn from and %d to judge by, %d and %d can be used; wait for more labels, or look at the labels that are sent: the model's are %s"
                            .formatted(
                                    card.name(),
                                    examples.training().size(),
                                    examples.heldOut().size(),
                                    rows.size(),
                                    heldOut.size(),
                                    card.labels()));
        }
    }

    private static List<TrainingExample> rows(
            ModelCard card,
            Preprocessor preprocessor,
            List<LabelledExample> examples,
            double largestWeight,
            LongConsumer rest) {
        List<Example> prepared = new ArrayList<>();
        List<LabelledExample> used = new ArrayList<>();
        double sum = 0;
        for (LabelledExample example : examples) {
            long began = System.nanoTime();
            Object payload = RollingFeatures.addTo(example.getPayload(), example.getFeatures());
            if (card.labels().contains(example.getLabel())
                    && TrainingSet.weight(example) > 0
                    && preprocessor.prepare(payload) instanceof Prepared.Ready ready) {
                prepared.add(ready.example());
                used.add(example);
                sum += Math.min(largestWeight, TrainingSet.weight(example));
            }
            rest.accept(System.nanoTime() - began);
        }
        List<TrainingExample> rows = new ArrayList<>(used.size());
        for (int index = 0; index < used.size(); index++) {
            LabelledExample example = used.get(index);
            // With a mean of 1, so that the learning rate means what it does without weights.
            double weight = Math.min(largestWeight, TrainingSet.weight(example)) * used.size() / sum;
            rows.add(new TrainingExample(prepared.get(index), card.labels().indexOf(example.getLabel()), weight));
        }
        return List.copyOf(rows);
    }

    /** To learn from. */
    List<TrainingExample> rows() {
        return rows;
    }

    /** To judge by; all of their labels are the model's. What cannot be read counts against the versions that cannot. */
    List<LabelledExample> heldOut() {
        return heldOut;
    }

    /** Examples whose payload cannot be read, or whose label is none of the model's. */
    int unusable() {
        return unusable;
    }

    List<LabelledExample> all() {
        List<LabelledExample> all = new ArrayList<>(examples.training());
        all.addAll(heldOut);
        return all;
    }

    String digest() {
        return examples.digest();
    }
}
