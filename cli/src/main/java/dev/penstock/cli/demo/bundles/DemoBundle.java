package dev.penstock.cli.demo.bundles;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Bundles of models that were trained in this process, with golden examples that they answer as they do here. */
public final class DemoBundle {
    private static final int GOLDEN_EXAMPLES = 8;

    private DemoBundle() {}

    /**
     * @param savedModel of the trained model
     * @param examples whose first ones become the golden ones
     * @param directory to build in; the bundle is {@code bundle} in it
     */
    public static Bundle build(
            ModelCard card, Path savedModel, List<LabelledPayload> examples, Path directory, TensorFlowRuntime runtime)
            throws IOException {
        Bundle draft = new BundleBuilder(card, savedModel).build(directory.resolve("draft"));
        return new BundleBuilder(card, savedModel)
                .goldenExamples(answers(draft, examples, runtime))
                .build(directory.resolve("bundle"));
    }

    private static List<GoldenExample> answers(Bundle draft, List<LabelledPayload> examples, TensorFlowRuntime runtime)
            throws IOException {
        List<GoldenExample> golden = new ArrayList<>();
        try (TensorFlowModel loaded = TensorFlowModel.load(draft, runtime)) {
            for (LabelledPayload example : examples.subList(0, Math.min(GOLDEN_EXAMPLES, examples.size()))) {
                if (loaded.prepare(example.payload()) instanceof Prepared.Ready ready) {
                    Scores scores = loaded.score(List.of(ready.example())).get(0);
                    LabelledScores deciding = scores.deciding();
                    golden.add(new GoldenExample(
                            example.payload(),
                            deciding.highest(deciding.labels().size())));
                }
            }
        }
        return golden;
    }
}
