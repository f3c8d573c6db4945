package dev.penstock.cli.demo.bundles;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.judging.Answers;
import dev.penstock.models.judging.References;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.LabelledExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Bundles of models that were trained in this process, with golden examples that they answer as they do here. */
public final class DemoBundle {
    private static final int GOLDEN_EXAMPLES = 8;

    private DemoBundle() {}

    /** Without knowing what its model usually sees: the first requests that it serves are the measure of drift. */
    public static Bundle build(
            ModelCard card, Path savedModel, List<LabelledPayload> examples, Path directory, TensorFlowRuntime runtime)
            throws IOException {
        return build(card, savedModel, examples, List.of(), directory, runtime);
    }

    /**
     * @param savedModel of the trained model
     * @param examples whose first ones become the golden ones
     * @param usual what it usually sees, by which drift is measured; none if that is not known
     * @param directory to build in; the bundle is {@code bundle} in it
     */
    public static Bundle build(
            ModelCard card,
            Path savedModel,
            List<LabelledPayload> examples,
            List<LabelledExample> usual,
            Path directory,
            TensorFlowRuntime runtime)
            throws IOException {
        Bundle draft = new BundleBuilder(card, savedModel).build(directory.resolve("draft"));
        BundleBuilder whole = new BundleBuilder(card, savedModel);
        try (TensorFlowModel model = TensorFlowModel.load(draft, runtime)) {
            whole.goldenExamples(answers(model, examples));
            if (!usual.isEmpty()) {
                whole.reference(References.of(Answers.of(model, usual, nanos -> {})));
            }
        }
        return whole.build(directory.resolve("bundle"));
    }

    private static List<GoldenExample> answers(TensorFlowModel model, List<LabelledPayload> examples) {
        List<GoldenExample> golden = new ArrayList<>();
        for (LabelledPayload example : examples.subList(0, Math.min(GOLDEN_EXAMPLES, examples.size()))) {
            if (model.prepare(example.payload()) instanceof Prepared.Ready ready) {
                Scores scores = model.score(List.of(ready.example())).get(0);
                LabelledScores deciding = scores.deciding();
                golden.add(new GoldenExample(
                        example.payload(), deciding.highest(deciding.labels().size())));
            }
        }
        return golden;
    }
}
