package dev.penstock.cli.demo.story;

import dev.penstock.cli.demo.bundles.DemoBundle;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.architectures.TrainingExample;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A version that nothing is wrong with but what it says: trained further on examples among which two labels were
 * exchanged, as by a mistake in a query. It loads, reproduces its own golden examples, is signed, and its card boasts of
 * its accuracy, since it was measured on examples with the same mistake. Only live evidence shows it.
 */
public final class DamagedVersion {
    private static final double HELD_OUT = 0.2;

    private final Bundle parent;
    private final TensorFlowRuntime runtime;

    /** @param parent a version with a training signature */
    public DamagedVersion(Bundle parent, TensorFlowRuntime runtime) {
        this.parent = parent;
        this.runtime = runtime;
    }

    /**
     * @param version its number, higher than those that are published
     * @param examples as they really are
     * @param one label that is taken for the other, and the other for it
     * @param settings of the further training
     * @param directory to build in; must not exist yet
     */
    public Bundle build(
            int version,
            List<LabelledPayload> examples,
            String one,
            String other,
            TrainingSettings settings,
            Path directory)
            throws IOException {
        List<LabelledPayload> mistaken = examples.stream()
                .map(example -> new LabelledPayload(example.payload(), exchanged(example.label(), one, other)))
                .toList();
        List<TrainingExample> prepared = Training.prepared(parent.card(), mistaken);
        List<TrainingExample> training = new ArrayList<>();
        List<TrainingExample> heldOut = new ArrayList<>();
        int every = (int) Math.round(1 / HELD_OUT);
        for (int index = 0; index < prepared.size(); index++) {
            (index % every == 0 ? heldOut : training).add(prepared.get(index));
        }
        Path savedModel = directory.resolve("trained");
        Trained trained = new Training(runtime, progress -> {})
                .nextVersion(parent.card(), parent.savedModel(), version, training, heldOut, settings, savedModel);
        return DemoBundle.build(trained.card(), savedModel, mistaken, directory, runtime);
    }

    private static String exchanged(String label, String one, String other) {
        if (label.equals(one)) {
            return other;
        }
        return label.equals(other) ? one : label;
    }
}
