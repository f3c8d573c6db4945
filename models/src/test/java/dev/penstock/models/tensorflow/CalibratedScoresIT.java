package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.FeaturesPayload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

class CalibratedScoresIT {
    private static final TensorFlowRuntime RUNTIME = TensorFlowRuntime.inCallingThread();

    @TempDir
    private Path directory;

    /** The model gives back what it is given: logits 2 and -1. */
    private LabelledScores scores(String task, String kind, String calibration) throws IOException {
        String card = """
                card-version: 1
                name: echo
                version: 1
                task: %s
                modality: record
                labels: [no, yes]
                inputs:
                  x:
                    features: [a, b]
                outputs:
                  y: {kind: %s, deciding: true}
                %s
                """.formatted(task, kind, calibration);
        Path savedModel = directory.resolve("saved-model");
        try (GraphFixture fixture = new GraphFixture()) {
            Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            fixture.signature(
                    "serving_default", Map.of("x", x), Map.of("y", fixture.tf().identity(x)));
            fixture.write(savedModel);
        }
        Bundle bundle = new BundleBuilder(card, savedModel).build(directory.resolve("bundle"));
        try (TensorFlowModel model = TensorFlowModel.load(bundle, RUNTIME)) {
            Prepared prepared = model.prepare(new FeaturesPayload(Map.of("a", 2.0, "b", -1.0), Map.of()));
            return model.score(List.of(((Prepared.Ready) prepared).example()))
                    .get(0)
                    .deciding();
        }
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    @Test
    void dividesTheLogitsOfLabelsThatRuleEachOtherOut() throws IOException {
        LabelledScores scores =
                scores("binary", "logits", "calibration: {method: temperature, temperature: 1.5, rows: 9}");

        assertThat(scores.score(0)).isCloseTo((float) sigmoid(3 / 1.5), within(1e-6f));
        assertThat(scores.score(1)).isCloseTo((float) sigmoid(-3 / 1.5), within(1e-6f));
    }

    @Test
    void dividesTheLogitOfEachLabelThatStandsAlone() throws IOException {
        LabelledScores scores =
                scores("multilabel", "logits", "calibration: {method: temperature, temperature: 2, rows: 9}");

        assertThat(scores.score(0)).isCloseTo((float) sigmoid(1), within(1e-6f));
        assertThat(scores.score(1)).isCloseTo((float) sigmoid(-0.5), within(1e-6f));
    }

    @Test
    void aTemperatureOfOneChangesNothing() throws IOException {
        LabelledScores scores =
                scores("binary", "logits", "calibration: {method: temperature, temperature: 1, rows: 9}");

        assertThat(scores.score(0)).isEqualTo((float) (1 / (1 + Math.exp(-3))));
    }
}
