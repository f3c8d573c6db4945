package dev.penstock.cli.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.demo.bundles.DemoBundle;
import dev.penstock.data.Digit;
import dev.penstock.data.Digits;
import dev.penstock.models.architectures.ImageClassifier;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.tensorflow.WarmUp;
import dev.penstock.schemas.ImagePayload;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedVersionIT {
    private static final TensorFlowRuntime RUNTIME = TensorFlowRuntime.inCallingThread();

    @TempDir
    private Path directory;

    @Test
    void passesEveryCheckThatLooksAtTheBundleAloneAndIsWorseAllTheSame() throws Exception {
        List<LabelledPayload> examples = payloads(Digits.bootstrap());
        ImageClassifier architecture = new ImageClassifier(Digits.LABELS, ImageClassifier.Size.of(28, 28, 1));
        TrainingSettings settings = architecture.usualTraining().withEpochs(4);
        Path savedModel = directory.resolve("first").resolve("trained");
        Trained trained = new Training(RUNTIME, progress -> {})
                .firstVersion(architecture, "digits", examples, settings, savedModel);
        Bundle sound = DemoBundle.build(trained.card(), savedModel, examples, directory.resolve("first"), RUNTIME);

        Bundle damaged =
                new DamagedVersion(sound, RUNTIME).build(2, examples, "3", "8", settings, directory.resolve("damaged"));

        assertThat(damaged.card().version()).isEqualTo(2);
        assertThat(damaged.card().metrics().get("accuracy"))
                .as("what its card boasts")
                .isGreaterThan(0.85);
        try (TensorFlowModel model = TensorFlowModel.load(damaged, RUNTIME)) {
            WarmUp warmUp = model.warmUp();
            assertThat(warmUp.goldenExamples()).isEqualTo(8);
            assertThat(warmUp.largestDifference()).isLessThan(1e-3);
        }
        SameEvents later = new SameEvents(payloads(Digits.stream().subList(0, 600)), RUNTIME);
        Counts before = later.judge(sound);
        Counts after = later.judge(damaged);
        assertThat(before.decided() + before.abstained()).isEqualTo(600);
        assertThat(before.accuracy().orElseThrow()).isGreaterThan(0.85);
        assertThat(after.recall("3").orElseThrow()).isLessThan(0.3);
        assertThat(after.recall("8").orElseThrow()).isLessThan(0.3);
        assertThat(after.recall("1").orElseThrow()).isGreaterThan(0.8);
        assertThat(after.accuracy().orElseThrow()).isLessThan(before.accuracy().orElseThrow() - 0.08);
    }

    private static List<LabelledPayload> payloads(List<Digit> digits) {
        return digits.stream()
                .map(digit -> new LabelledPayload(
                        new ImagePayload(ByteBuffer.wrap(digit.png().toArray()), "image/png"), digit.label()))
                .toList();
    }
}
