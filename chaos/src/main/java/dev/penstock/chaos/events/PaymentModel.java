package dev.penstock.chaos.events;

import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.RecordClassifier;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Two versions of a small network over the features of {@link Payments}, trained for a moment: that they answer matters
 * here, and who of them does, but not how well.
 */
public final class PaymentModel {
    public static final String NAME = "chaos-payments";

    private static final List<String> LABELS = List.of("genuine", "fraud");
    private static final int EXAMPLES = 256;

    private PaymentModel() {}

    /**
     * Trains and writes both.
     *
     * @param directory to write into
     * @return version 1 and version 2
     */
    public static List<Bundle> build(Path directory) throws IOException {
        RecordClassifier network = new RecordClassifier(
                LABELS,
                Payments.FEATURES.stream()
                        .map(name -> new Feature(name, OptionalDouble.empty(), List.of()))
                        .toList(),
                RecordClassifier.Size.usual());
        List<LabelledPayload> examples = new ArrayList<>();
        for (int number = 0; number < EXAMPLES; number++) {
            examples.add(new LabelledPayload(Payments.payload(number), LABELS.get(number % LABELS.size())));
        }
        TrainingSettings settings = network.usualTraining().withEpochs(1).withHeldOutShare(0);
        Training training = new Training(TensorFlowRuntime.inCallingThread(), progress -> {});
        Path firstModel = directory.resolve("saved-model-1");
        Trained first = training.firstVersion(network, NAME, examples, settings, firstModel);
        Path secondModel = directory.resolve("saved-model-2");
        Trained second = training.nextVersion(
                first.card(),
                firstModel,
                2,
                Training.prepared(first.card(), examples),
                List.of(),
                settings,
                secondModel);
        return List.of(
                new BundleBuilder(first.card(), firstModel).build(directory.resolve("bundle-1")),
                new BundleBuilder(second.card(), secondModel).build(directory.resolve("bundle-2")));
    }
}
