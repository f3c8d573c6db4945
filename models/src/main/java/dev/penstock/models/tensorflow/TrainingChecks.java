package dev.penstock.models.tensorflow;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.card.ModelCard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import org.tensorflow.proto.MetaGraphDef;

/** Whether a stranger's SavedModel may be opened to train it; nothing of it runs for that. */
public final class TrainingChecks {
    /** The operation that draws a graph's first weights, where TensorFlow's Java API wrote it. */
    public static final String INITIALISE = "Init";

    private TrainingChecks() {}

    /**
     * Looks at what loading it runs, at what drawing first weights and saving its variables runs, and at what calls run.
     *
     * @param signatures that will be called; those that the model does not have are left to whoever calls them
     * @throws ModelRefusedException if any of that may not run, or is not there
     * @throws IOException if its files cannot be read
     */
    public static void require(ModelCard card, Path savedModel, Collection<String> signatures) throws IOException {
        try {
            MetaGraphDef graph = MetaGraphs.choose(SavedModelFile.read(savedModel), card.tags());
            FunctionNesting.require(graph);
            GraphWalk walk = new GraphWalk(graph);
            SignatureChecks checks = new SignatureChecks(savedModel, graph, walk);
            for (String signature : signatures) {
                if (graph.containsSignatureDef(signature)) {
                    checks.requireTrainable(signature);
                }
            }
            LoadingChecks loading = new LoadingChecks(graph, walk, new OperationChecks(walk));
            loading.requireDrawing(INITIALISE);
            loading.requireSaving();
            new SavedModelParts(savedModel, graph).requireAssets();
        } catch (UnservableException e) {
            throw TensorFlowModel.refused(card, "train", e.why(), e);
        }
    }
}
