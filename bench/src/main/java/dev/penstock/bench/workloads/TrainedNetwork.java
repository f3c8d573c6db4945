package dev.penstock.bench.workloads;

import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of Penstock's own architectures, trained for a moment: how well it scores does not matter here. */
final class TrainedNetwork {
    private static final int EXAMPLES = 64;

    private TrainedNetwork() {}

    static Bundle build(String name, Architecture architecture, List<Object> payloads, Path directory)
            throws IOException {
        List<LabelledPayload> examples = new ArrayList<>();
        List<String> labels = architecture.labels();
        for (Object payload : payloads.subList(0, Math.min(EXAMPLES, payloads.size()))) {
            examples.add(new LabelledPayload(payload, labels.get(examples.size() % labels.size())));
        }
        Path savedModel = directory.resolveSibling(directory.getFileName() + "-saved-model");
        Trained trained = new Training(TensorFlowRuntime.inCallingThread(), progress -> {})
                .firstVersion(
                        architecture,
                        name,
                        examples,
                        architecture.usualTraining().withEpochs(1).withHeldOutShare(0),
                        savedModel);
        return new BundleBuilder(trained.card(), savedModel).build(directory);
    }
}
