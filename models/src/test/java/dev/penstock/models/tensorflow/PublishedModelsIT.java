package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.freshIn;
import static dev.penstock.models.tensorflow.Strangers.load;
import static dev.penstock.models.tensorflow.Strangers.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.inspection.CardProposal;
import dev.penstock.models.inspection.Inspection;
import dev.penstock.models.inspection.SavedModelInspector;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SavedModels that Keras, TensorFlow and JAX wrote ({@code published.py} makes them) serve with the card that is proposed
 * for them and score what Python says, or are refused before anything of them runs.
 */
class PublishedModelsIT {
    private static final Offset<Double> ROUNDING = Offset.offset(1e-5);

    @TempDir
    Path directory;

    /** A model, and what Python says of it. */
    record Published(String name, JsonNode told) {
        private static InputStream resource(String name) {
            return Objects.requireNonNull(
                    Published.class.getResourceAsStream("/dev/penstock/models/published/" + name), name);
        }

        static Stream<Published> all() {
            try (InputStream json = resource("published.json")) {
                return StreamSupport.stream(new ObjectMapper().readTree(json).spliterator(), false)
                        .map(told -> new Published(told.get("name").asText(), told));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean serves() {
            return told.has("scores");
        }

        Path unpack(Path target) throws IOException {
            try (ZipInputStream zip = new ZipInputStream(resource(name + ".zip"))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    Path file = target.resolve(entry.getName());
                    Files.createDirectories(file.getParent());
                    Files.write(file, zip.readAllBytes());
                }
            }
            return target;
        }

        List<Example> rows(List<InputSpec> inputs) {
            List<Example> rows = new ArrayList<>();
            for (JsonNode row : told.get("rows")) {
                rows.add(new Example(inputs.stream()
                        .map(input -> value(input, row.path(input.name())))
                        .toList()));
            }
            return rows;
        }

        private static Value value(InputSpec input, JsonNode written) {
            if (input instanceof Constant constant) {
                return new Value.Floats(new float[] {(float) constant.value()});
            } else if (written.has("hex")) {
                return new Value.Bytes(
                        HexFormat.of().parseHex(written.get("hex").asText()));
            }
            JsonNode numbers = written.get("numbers");
            float[] floats = new float[numbers.size()];
            int[] integers = new int[numbers.size()];
            for (int index = 0; index < floats.length; index++) {
                floats[index] = (float) numbers.get(index).asDouble();
                integers[index] = numbers.get(index).asInt();
            }
            return input instanceof Tokens ? new Value.Integers(integers) : new Value.Floats(floats);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Published> serving() {
        return Published.all().filter(Published::serves);
    }

    static Stream<Published> refused() {
        return Published.all().filter(published -> !published.serves());
    }

    /** The proposed card as it is, but for the length that the model leaves open. */
    private Bundle bundle(Published published, Path savedModel) throws IOException {
        String card = CardProposal.of(SavedModelInspector.inspect(savedModel))
                .orElseThrow()
                .yaml()
                .replace(
                        "length: 128",
                        "length: " + published.told().path("length").asInt());
        Path vocabulary = Files.writeString(freshIn(directory).resolve("vocabulary.txt"), "[UNK]\n");
        return new BundleBuilder(card, savedModel)
                .file("vocabulary.txt", vocabulary)
                .build(freshIn(directory));
    }

    @ParameterizedTest
    @MethodSource("serving")
    void scoresAsPythonDoesWithTheProposedCard(Published published) throws Exception {
        Path savedModel = published.unpack(freshIn(directory));

        try (TensorFlowModel model = load(bundle(published, savedModel))) {
            model.warmUp();

            List<float[]> scores = score(model, published.rows(model.card().inputs()));
            JsonNode expected = published.told().get("scores");
            assertThat(scores).hasSize(expected.size());
            for (int row = 0; row < scores.size(); row++) {
                assertThat(scores.get(row)).hasSize(expected.get(row).size());
                for (int label = 0; label < scores.get(row).length; label++) {
                    assertThat((double) scores.get(row)[label])
                            .isCloseTo(expected.get(row).get(label).asDouble(), ROUNDING);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void saysBeforeLoadingWhatCannotServe(Published published) throws Exception {
        Inspection inspection = SavedModelInspector.inspect(published.unpack(freshIn(directory)));

        assertThat(CardProposal.of(inspection)).isEmpty();
        for (JsonNode words : published.told().get("refusal")) {
            assertThat(inspection.refusal().orElseThrow()).contains(words.asText());
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesTheSameWhateverTheCardSays(Published published) throws Exception {
        Path savedModel = published.unpack(freshIn(directory));

        assertThatThrownBy(() -> load(directory, Strangers.ECHO_CARD, savedModel))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageStartingWith("Cannot load model 'stranger' version 7: ")
                .hasMessageContaining(published.told().get("refusal").get(0).asText());
        assertThat(Path.of("/tmp/written-by-a-model")).doesNotExist();
    }
}
