package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.penstock.models.card.ModelCard;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.tensorflow.TrainingChecks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafeToTrainIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void everyArchitectureDoesNothingThatAModelMayNot(Problems problem) throws Exception {
        ModelCard card = problem.architecture().card("tiny", 1);
        List<TrainingExample> examples = Training.prepared(card, problem.payloads(20, 1));
        UntrainedModel.write(
                problem.architecture(),
                examples,
                problem.settings(),
                TensorFlowRuntime.inCallingThread().sessionConfig(),
                directory);

        assertThatCode(() -> TrainingChecks.require(
                        card,
                        directory,
                        List.of(UntrainedModel.SERVING, UntrainedModel.TRAIN, UntrainedModel.TRAIN_WEIGHTED)))
                .doesNotThrowAnyException();
    }
}
