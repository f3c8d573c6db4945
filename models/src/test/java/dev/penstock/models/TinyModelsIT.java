package dev.penstock.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyModelsIT {
    private final TensorFlowRuntime runtime = TensorFlowRuntime.inCallingThread();

    @Test
    void answerTheirGoldenExamples(@TempDir Path directory) throws Exception {
        try (TensorFlowModel model = TensorFlowModel.load(TinyModels.text(directory.resolve("a"), 3), runtime)) {
            assertThat(model.warmUp().goldenExamples()).isEqualTo(2);
        }
        try (TensorFlowModel model = TensorFlowModel.load(TinyModels.record(directory.resolve("b"), 2), runtime)) {
            assertThat(model.warmUp().goldenExamples()).isEqualTo(1);
        }
        try (TensorFlowModel model = TensorFlowModel.load(TinyModels.image(directory.resolve("c"), 2), runtime)) {
            assertThat(model.warmUp().goldenExamples()).isZero();
        }
        try (TensorFlowModel model = TensorFlowModel.load(TinyModels.audio(directory.resolve("d"), 2), runtime)) {
            assertThat(model.warmUp().goldenExamples()).isZero();
        }
    }
}
