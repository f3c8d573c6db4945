package dev.penstock.models.tensorflow;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** SavedModels as strangers make them, most of which answer what they are asked: two numbers a row. */
final class Strangers {
    private static final String CARD = """
            card-version: 1
            name: stranger
            version: 7
            %s
            """;

    private Strangers() {}

    /** A card for {@link #echo}. */
    static final String ECHO_CARD = card("""
            task: multilabel
            modality: record
            labels: [a, b]
            inputs:
              x:
                features: [a, b]
            outputs:
              y: probabilities
            """);

    static String card(String rest) {
        return CARD.formatted(rest);
    }

    /** Its scores are its input. */
    static GraphFixture echo() {
        return echo(Shape.of(-1, 2));
    }

    static GraphFixture echo(Shape shape) {
        GraphFixture fixture = new GraphFixture();
        Placeholder<TFloat32> x = fixture.tf().placeholder(TFloat32.class, Placeholder.shape(shape));
        return fixture.signature(
                "serving_default", Map.of("x", x), Map.of("y", fixture.tf().identity(x)));
    }

    static TensorFlowModel load(Path directory, String card, Path savedModel) throws IOException {
        return load(new BundleBuilder(card, savedModel).build(freshIn(directory)));
    }

    static TensorFlowModel load(Bundle bundle) throws IOException {
        return TensorFlowModel.load(bundle, TensorFlowRuntime.inCallingThread());
    }

    static Path freshIn(Path directory) throws IOException {
        return Files.createTempDirectory(directory, "stranger");
    }

    static Example row(float... values) {
        return new Example(List.of(new Value.Floats(values)));
    }

    static Example row(int... values) {
        return new Example(List.of(new Value.Integers(values)));
    }

    static Example row(String text) {
        return new Example(List.of(new Value.Bytes(text.getBytes(StandardCharsets.UTF_8))));
    }

    /** The deciding scores of one row. */
    static float[] score(TensorFlowModel model, Example row) {
        return score(model, List.of(row)).get(0);
    }

    static List<float[]> score(TensorFlowModel model, Example... rows) {
        return score(model, Arrays.asList(rows));
    }

    static List<float[]> score(TensorFlowModel model, List<Example> rows) {
        return model.score(rows).stream()
                .map(scores -> values(scores.deciding()))
                .toList();
    }

    static float[] values(LabelledScores scores) {
        float[] values = new float[scores.labels().size()];
        IntStream.range(0, values.length).forEach(label -> values[label] = scores.score(label));
        return values;
    }
}
