package dev.penstock.models.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.penstock.models.card.InputSpec.Category;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Encoded;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.schemas.Modality;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCardReaderTest {
    private static final String SMALL = """
            card-version: 1
            name: digits
            version: 3
            task: multiclass
            modality: image
            labels: [zero, one]
            inputs:
              pixels:
                image: {width: 28, height: 28, channels: 1}
            outputs:
              scores: logits
            """;

    private static List<CardProblem> problemsOf(String yaml) {
        return catchThrowableOfType(InvalidModelCardException.class, () -> ModelCardReader.read(yaml))
                .problems();
    }

    private static void assertProblem(String yaml, int line, int column, String key, String words) {
        assertThat(problemsOf(yaml)).singleElement().satisfies(problem -> {
            assertThat(problem.line()).as("line of %s", problem).isEqualTo(line);
            assertThat(problem.column()).as("column of %s", problem).isEqualTo(column);
            assertThat(problem.key()).isEqualTo(key);
            assertThat(problem.problem()).contains(words);
        });
    }

    private static InputSpec input(String modality, String yaml) {
        String card = SMALL.replace("modality: image", "modality: " + modality)
                .replace("    image: {width: 28, height: 28, channels: 1}\n", yaml.indent(4));
        return ModelCardReader.read(card).inputs().get(0);
    }

    @Test
    void fillsInWhatGoesWithoutSaying() {
        ModelCard card = ModelCardReader.read(SMALL);

        assertThat(card.name()).isEqualTo("digits");
        assertThat(card.version()).isEqualTo(3);
        assertThat(card.description()).isEmpty();
        assertThat(card.task()).isEqualTo(Task.MULTICLASS);
        assertThat(card.modality()).isEqualTo(Modality.IMAGE);
        assertThat(card.labels()).containsExactly("zero", "one");
        assertThat(card.signature()).isEmpty();
        assertThat(card.tags()).isEmpty();
        assertThat(card.fixedBatch()).isEmpty();
        assertThat(card.inputs())
                .containsExactly(new Image(
                        "pixels",
                        28,
                        28,
                        1,
                        NumberType.FLOAT32,
                        new PixelScale(0, 1, List.of(), List.of()),
                        Image.Resize.BILINEAR,
                        Image.Fit.STRETCH,
                        Image.ChannelOrder.RGB,
                        Image.Layout.CHANNELS_LAST));
        assertThat(card.outputs())
                .containsExactly(new OutputSpec("scores", OutputSpec.Kind.LOGITS, List.of("zero", "one"), true, 10));
        assertThat(card.decision()).isEqualTo(new DecisionPolicy(1, 0.5, 0));
        assertThat(card.limits()).isEqualTo(Limits.usual());
        assertThat(card.metrics()).isEmpty();
        assertThat(card.lineage()).isEmpty();
    }

    @Test
    void readsEveryKeyOfTheCard() {
        ModelCard card = ModelCardReader.read(SMALL + """
                description: Digits of cheques
                signature: classify
                tags: [serve, gpu]
                fixed-batch: 8
                decision: {version: 4, threshold: 0.75, abstain-below: 0.9}
                limits: {bytes: 1000, pixels: 2000, seconds: 1.5, characters: 3000}
                calibration: {method: temperature, temperature: 1.31, rows: 812}
                metrics: {accuracy: 0.97, loss: 1e-2}
                lineage: {seed: 42, data: "offsets 0 to 99"}
                """);

        assertThat(card.description()).isEqualTo("Digits of cheques");
        assertThat(card.signature()).contains("classify");
        assertThat(card.tags()).isEqualTo(Set.of("serve", "gpu"));
        assertThat(card.fixedBatch()).hasValue(8);
        assertThat(card.decision()).isEqualTo(new DecisionPolicy(4, 0.75, 0.9));
        assertThat(card.limits()).isEqualTo(new Limits(1000, 2000, 1.5, 3000));
        assertThat(card.calibration()).contains(new Calibration(Calibration.Method.TEMPERATURE, 1.31, 812));
        assertThat(card.calibration()).hasToString("Optional[temperature 1.31]");
        assertThat(card.metrics()).isEqualTo(Map.of("accuracy", 0.97, "loss", 0.01));
        assertThat(card.lineage()).isEqualTo(Map.of("seed", "42", "data", "offsets 0 to 99"));
    }

    @Test
    void readsImages() {
        InputSpec image = input("image", """
                image:
                  width: 224
                  height: 192
                  channels: 3
                  type: float16
                  scale: {range: [-1, 1], mean: [0.1, 0.2, 0.3], deviation: 0.5}
                  resize: area
                  fit: crop
                  channel-order: bgr
                  layout: channels-first
                """);

        assertThat(image)
                .isEqualTo(new Image(
                        "pixels",
                        224,
                        192,
                        3,
                        NumberType.FLOAT16,
                        new PixelScale(-1, 1, List.of(0.1, 0.2, 0.3), List.of(0.5, 0.5, 0.5)),
                        Image.Resize.AREA,
                        Image.Fit.CROP,
                        Image.ChannelOrder.BGR,
                        Image.Layout.CHANNELS_FIRST));
    }

    @Test
    void keepsPixelsAsTheyAreInTypesWithoutFractions() {
        Image image = (Image) input("image", "image: {width: 8, height: 8, type: uint8}");

        assertThat(image.scale()).isEqualTo(new PixelScale(0, 255, List.of(), List.of()));
        assertThat(image.channels()).isEqualTo(3);
    }

    @Test
    void readsOtherKindsOfInputs() {
        assertThat(input("audio", "waveform: {sample-rate: 16000, samples: 8000, type: float64}"))
                .isEqualTo(new Waveform("pixels", 16000, 8000, NumberType.FLOAT64));
        assertThat(input("audio", "waveform: {sample-rate: 16000}"))
                .isEqualTo(new Waveform("pixels", 16000, 0, NumberType.FLOAT32));
        assertThat(input("image", "encoded:")).isEqualTo(new Encoded("pixels"));
        assertThat(input("text", "text: {lower-case: true}")).isEqualTo(new Text("pixels", true));
        assertThat(input("record", "category: {feature: country, missing: none}"))
                .isEqualTo(new Category("pixels", "country", "none"));
        assertThat(input("record", "features: [amount, age]"))
                .isEqualTo(new Features("pixels", List.of(feature("amount"), feature("age")), NumberType.FLOAT32));
        assertThat(input("record", "features: {count: 2, type: int64}"))
                .isEqualTo(new Features("pixels", List.of(feature("f0"), feature("f1")), NumberType.INT64));
        assertThat(input(
                        "record", "features: {order: [a, {name: b, missing: .nan}, {name: c, categories: [no, yes]}]}"))
                .isEqualTo(new Features(
                        "pixels",
                        List.of(
                                feature("a"),
                                new Feature("b", OptionalDouble.of(Double.NaN), List.of()),
                                new Feature("c", OptionalDouble.empty(), List.of("no", "yes"))),
                        NumberType.FLOAT32));
    }

    private static Feature feature(String name) {
        return new Feature(name, OptionalDouble.empty(), List.of());
    }

    @Test
    void readsInputsThatAreOneWord() {
        String card = SMALL.replace("pixels:\n    image: {width: 28, height: 28, channels: 1}", "%s");

        assertThat(ModelCardReader.read(card.formatted("file: encoded")).inputs())
                .containsExactly(new Encoded("file"));
        assertThat(ModelCardReader.read(card.formatted("body: text").replace("image", "text"))
                        .inputs())
                .containsExactly(new Text("body", false));
        assertThat(ModelCardReader.read(card.formatted("country: category").replace("image", "record"))
                        .inputs())
                .containsExactly(new Category("country", "country", ""));
    }

    @Test
    void readsTokensAndWhatBelongsToThem() {
        String card = SMALL.replace("modality: image", "modality: text")
                .replace("  pixels:\n    image: {width: 28, height: 28, channels: 1}\n", """
                          mask: {token-mask: {of: ids}}
                          ids:
                            tokens:
                              vocabulary: vocabulary.txt
                              tokenizer: wordpiece
                              lower-case: true
                              length: 64
                              buckets: [16, 32]
                              padding: 1
                              unknown: <unk>
                              start: '[CLS]'
                              end: '[SEP]'
                              type: int64
                          kinds: {token-segments: {of: ids, type: int64}}
                        """);

        List<InputSpec> inputs = ModelCardReader.read(card).inputs();

        assertThat(inputs)
                .containsExactly(
                        tokens("mask", Tokens.Part.MASK, NumberType.INT32),
                        tokens("ids", Tokens.Part.IDS, NumberType.INT64),
                        tokens("kinds", Tokens.Part.SEGMENTS, NumberType.INT64));
    }

    private static Tokens tokens(String name, Tokens.Part part, NumberType type) {
        return new Tokens(
                name,
                part,
                "vocabulary.txt",
                Tokens.Tokenizer.WORDPIECE,
                true,
                64,
                List.of(16, 32),
                1,
                "<unk>",
                "[CLS]",
                "[SEP]",
                type);
    }

    @Test
    void readsConstants() {
        String card = SMALL.replace("outputs:", "  training:\n    constant: %s\noutputs:");

        assertThat(ModelCardReader.read(card.formatted("false")).inputs())
                .contains(new Constant("training", 0, NumberType.BOOL));
        assertThat(ModelCardReader.read(card.formatted("0.5")).inputs())
                .contains(new Constant("training", 0.5, NumberType.FLOAT32));
        assertThat(ModelCardReader.read(card.formatted("{value: 7, type: int32}"))
                        .inputs())
                .contains(new Constant("training", 7, NumberType.INT32));
    }

    @Test
    void takesWordsForWords() {
        // In YAML 1.1 these would be true, false, nothing special, 10 and a date.
        ModelCard card = ModelCardReader.read(SMALL.replace("[zero, one]", "[yes, no, Norway, 10, 2020-01-01]"));

        assertThat(card.labels()).containsExactly("yes", "no", "Norway", "10", "2020-01-01");
    }

    @Test
    void readsSeveralOutputs() {
        ModelCard card = ModelCardReader.read(SMALL.replace("  scores: logits\n", """
                  scores: {kind: probabilities, deciding: true, highest: 3}
                  urgency: {kind: logits, labels: [low, high]}
                """.indent(2)));

        assertThat(card.outputs())
                .containsExactly(
                        new OutputSpec("scores", OutputSpec.Kind.PROBABILITIES, List.of("zero", "one"), true, 3),
                        new OutputSpec("urgency", OutputSpec.Kind.LOGITS, List.of("low", "high"), false, 10));
    }

    @Test
    void tellsEveryProblemAtOnceWithItsPlace() {
        InvalidModelCardException invalid =
                catchThrowableOfType(InvalidModelCardException.class, () -> ModelCardReader.read("""
                        card-version: 1
                        name: Digits
                        version: three
                        task: guess
                        modality: image
                        labels: [zero, zero]
                        colour: red
                        inputs:
                          pixels:
                            image: {width: 0, channels: 2, scale: {range: [1, 0]}}
                        outputs:
                          scores: {kind: logits, highest: 0}
                        decision: {threshold: 1.5}
                        """));

        assertThat(invalid.problems())
                .extracting(problem -> "%d:%d %s".formatted(problem.line(), problem.column(), problem.key()))
                .containsExactly(
                        "2:7 name",
                        "3:10 version",
                        "4:7 task",
                        "6:16 labels[1]",
                        "7:1 colour",
                        "10:12 inputs.pixels.image.height",
                        "10:20 inputs.pixels.image.width",
                        "10:33 inputs.pixels.image.channels",
                        "10:51 inputs.pixels.image.scale.range",
                        "12:35 outputs.scores.highest",
                        "13:23 decision.threshold");
        assertThat(invalid)
                .hasMessageStartingWith("Cannot read model card:")
                .hasMessageContaining("line 3, column 10, version: expected a whole number, found 'three'")
                .hasMessageContaining("known here: card-version, name, version");
    }

    @Test
    void refusesVersionsThatItDoesNotKnow() {
        assertProblem(SMALL.replace("card-version: 1", "card-version: 2"), 1, 15, "card-version", "newer Penstock");
        assertProblem(SMALL.replace("card-version: 1\n", ""), 1, 1, "card-version", "must come first");
        assertProblem(SMALL.replace("card-version: 1\n", "") + "card-version: 1\n", 1, 1, "card-version", "first");
        assertProblem(SMALL.replace("card-version: 1", "card-version: one"), 1, 15, "card-version", "whole number");
    }

    @Test
    void refusesKeysThatAreWrittenTwice() {
        assertProblem(SMALL + "name: again\n", 12, 1, "name", "twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "just words", "- a\n- list\n", "card-version: [1", "a: b: c", "\u0000"})
    void refusesWhatIsNoCard(String yaml) {
        assertThat(problemsOf(yaml)).hasSize(1);
    }

    @Test
    void refusesAliasesBeforeTheyMultiply() {
        String bomb = SMALL.replace("[zero, one]", "&a [x, x]")
                + "lineage: {b: &b [*a, *a, *a], c: &c [*b, *b, *b], d: [*c, *c, *c]}\n";

        assertThat(problemsOf(bomb)).hasSize(9).allSatisfy(problem -> {
            assertThat(problem.line()).isEqualTo(12);
            assertThat(problem.problem()).contains("write out what it stands for");
        });
    }

    @Test
    void refusesCardsThatAreTooLargeOrTooDeep() {
        assertThat(problemsOf(SMALL + "description: " + "x".repeat(2_000_000))).hasSize(1);
        assertThat(problemsOf(SMALL + "lineage: " + "[".repeat(5_000))).hasSize(1);
        assertThat(problemsOf(SMALL + "lineage: " + "{a: ".repeat(100) + "1" + "}".repeat(100)))
                .hasSize(1);
    }

    @Test
    void refusesFilesThatAreNotText(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("model-card.yaml");
        Files.write(file, SMALL.replace("digits", "dígits").getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> ModelCardReader.read(file))
                .isInstanceOf(InvalidModelCardException.class)
                .hasMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: digits | name: -digits | name",
                "name: digits | name: ../digits | name",
                "version: 3 | version: 0 | version",
                "version: 3 | version: '3' | version",
                "version: 3 | version: 99999999999 | version",
                "labels: [zero, one] | labels: [] | labels",
                "labels: [zero, one] | labels: [zero] | labels",
                "labels: [zero, one] | labels: [zero, ''] | labels[1]",
                "labels: [zero, one] | labels: zero | labels",
                "labels: [zero, one] | labels: [zero, [one]] | labels[1]",
                "modality: image | modality: unknown | modality",
                "modality: image | modality: text | inputs.pixels",
                "width: 28 | width: 2.8 | inputs.pixels.image.width",
                "width: 28 | width: 20000 | inputs.pixels.image.width",
                "channels: 1 | channels: 2 | inputs.pixels.image.channels",
                "channels: 1 | scale: {mean: [1, 2]} | inputs.pixels.image.scale.mean",
                "channels: 1 | scale: {deviation: 0} | inputs.pixels.image.scale.deviation",
                "channels: 1 | scale: {range: [0]} | inputs.pixels.image.scale",
                "channels: 1 | type: uint8, scale: {range: [0, 1]} | inputs.pixels.image.scale",
                "channels: 1 | type: float8 | inputs.pixels.image.type",
                "image: {width: 28, height: 28, channels: 1} | photo: {} | inputs.pixels.photo",
                "image: {width: 28, height: 28, channels: 1} | {} | inputs.pixels",
                "scores: logits | scores: odds | outputs.scores",
                "scores: logits | scores: {kind: logits, deciding: false} | outputs",
                "scores: logits | scores: {kind: logits, labels: [a, b]} | outputs.scores.labels",
                "scores: logits | {a: {kind: logits, deciding: true}, b: {kind: logits, deciding: true}} | outputs",
            })
    void refusesValuesThatMakeNoSense(String written, String instead, String key) {
        String yaml = SMALL.replace(written, instead);

        assertThat(problemsOf(yaml)).singleElement().satisfies(problem -> assertThat(problem.key())
                .isEqualTo(key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../vocabulary.txt",
                "assets/../../vocabulary.txt",
                "C:/vocabulary.txt",
                "assets\\vocabulary.txt",
                "./vocabulary.txt",
                "assets//vocabulary.txt",
                ""
            })
    void refusesFilesOutsideOfTheBundle(String file) {
        String card = SMALL.replace("modality: image", "modality: text")
                .replace(
                        "image: {width: 28, height: 28, channels: 1}",
                        "tokens: {vocabulary: '%s', tokenizer: characters, length: 3}".formatted(file));

        assertThat(problemsOf(card)).singleElement().satisfies(problem -> assertThat(problem.key())
                .isEqualTo("inputs.pixels.tokens.vocabulary"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0]", "[3]", "[2, 2]", "[2, 1]"})
    void refusesBucketsThatAreNotShorterLengthsInOrder(String buckets) {
        String card = SMALL.replace("modality: image", "modality: text")
                .replace(
                        "image: {width: 28, height: 28, channels: 1}",
                        "tokens: {vocabulary: words.txt, tokenizer: characters, length: 3, buckets: %s}"
                                .formatted(buckets));

        assertThat(problemsOf(card)).singleElement().satisfies(problem -> assertThat(problem.key())
                .isEqualTo("inputs.pixels.tokens.buckets"));
    }

    @Test
    void refusesCompanionsOfTokensThatAreNotThere() {
        String card = SMALL.replace("modality: image", "modality: text")
                .replace("image: {width: 28, height: 28, channels: 1}", "token-mask: {of: ids}");

        assertThat(problemsOf(card)).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo("inputs.pixels.token-mask.of");
            assertThat(problem.problem()).contains("no input 'ids' of kind tokens");
        });
    }

    @Test
    void tellsWhichFeatureIsThereTwice() {
        String record = SMALL.replace("modality: image", "modality: record");
        String list = record.replace("image: {width: 28, height: 28, channels: 1}", "features: [a, b, a]");
        String order = record.replace("image: {width: 28, height: 28, channels: 1}", "features: {order: [a, b, a]}");

        assertProblem(list, 9, 22, "inputs.pixels.features[2]", "'a' is there twice");
        assertProblem(order, 9, 30, "inputs.pixels.features[2]", "'a' is there twice");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {method: temperature, temperature: 0, rows: 812}       | calibration.temperature | 0 must be between 0.01 and 100
            {method: temperature, temperature: 1.5, rows: 0}       | calibration.rows        | 0 must be 1 or more
            {method: isotonic, temperature: 1.5, rows: 10}         | calibration.method      | 'isotonic'
            {method: temperature, temperature: 1.5, rows: 10, a: b} | calibration.a          | 'a'
            """)
    void refusesACalibrationThatCannotBe(String calibration, String key, String words) {
        assertThat(problemsOf(SMALL + "calibration: " + calibration + "\n"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo(key);
                    assertThat(problem.problem()).contains(words);
                });
    }
}
