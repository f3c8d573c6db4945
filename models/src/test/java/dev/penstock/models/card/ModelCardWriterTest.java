package dev.penstock.models.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelCardWriterTest {
    private static final List<String> LABELS =
            List.of("plain", "two words", "yes", "42", "ümlaut \"quoted\"\n\u2028😀");

    private static ModelCard card(Modality modality, InputSpec... inputs) {
        return new ModelCard(
                "a-model",
                12,
                "What it is: with a colon",
                Task.MULTICLASS,
                modality,
                LABELS,
                Optional.of("serving_default"),
                Set.of("serve", "gpu"),
                OptionalInt.of(4),
                List.of(inputs),
                List.of(
                        new OutputSpec("dense 1", OutputSpec.Kind.LOGITS, LABELS, true, 3),
                        new OutputSpec("other", OutputSpec.Kind.PROBABILITIES, List.of("a", "b"), false, 10)),
                new DecisionPolicy(2, 0.25, 0.125),
                new Limits(1, 2, 0.5, 3),
                Map.of("accuracy", 0.97, "examples", 100.0),
                Map.of("seed", "42", "parent", "a-model/11"));
    }

    private static void assertComesBack(ModelCard card) {
        assertThat(ModelCardReader.read(ModelCardWriter.write(card))).isEqualTo(card);
    }

    @Test
    void writesTheCalibrationAsItIsRead() {
        ModelCard card = card(Modality.TEXT, new Text("text", false));
        assertComesBack(card.trainedAnew(
                13, Optional.of(new Calibration(Calibration.Method.TEMPERATURE, 1.31, 812)), Map.of(), Map.of()));
        assertThat(ModelCardWriter.write(card)).doesNotContain("calibration");
    }

    @Test
    void writesImagesAsTheyAreRead() {
        assertComesBack(card(
                Modality.IMAGE,
                new Encoded("file"),
                new Image(
                        "pixels",
                        224,
                        192,
                        3,
                        NumberType.BFLOAT16,
                        new PixelScale(-1, 1, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)),
                        Image.Resize.NEAREST,
                        Image.Fit.PAD,
                        Image.ChannelOrder.BGR,
                        Image.Layout.CHANNELS_FIRST),
                new Constant("training", 0, NumberType.BOOL),
                new Constant("rate", 0.5, NumberType.FLOAT32)));
    }

    @Test
    void writesClipsAsTheyAreRead() {
        assertComesBack(card(
                Modality.AUDIO,
                new Waveform("any", 8000, 0, NumberType.FLOAT32),
                new Waveform("second", 16000, 16000, NumberType.FLOAT64)));
    }

    @Test
    void writesTextsAsTheyAreRead() {
        assertComesBack(card(
                Modality.TEXT,
                new Text("subject", true),
                new Text("body", false),
                tokens("mask", Tokens.Part.MASK),
                tokens("ids", Tokens.Part.IDS),
                tokens("kinds", Tokens.Part.SEGMENTS)));
    }

    private static Tokens tokens(String name, Tokens.Part part) {
        return new Tokens(
                name,
                part,
                "assets/vocabulary.txt",
                Tokens.Tokenizer.CHARACTERS,
                true,
                32,
                List.of(8, 16),
                5,
                "?",
                "<s>",
                "</s>",
                NumberType.INT64);
    }

    @Test
    void writesRecordsAsTheyAreRead() {
        assertComesBack(card(
                Modality.RECORD,
                new Features(
                        "numbers",
                        List.of(
                                new Feature("amount", OptionalDouble.empty(), List.of()),
                                new Feature("age", OptionalDouble.of(Double.NaN), List.of()),
                                new Feature("country", OptionalDouble.of(-1), List.of("no", "se"))),
                        NumberType.FLOAT32),
                new Features("many", CardInputs.numbered(784), NumberType.FLOAT64),
                new Features("few", CardInputs.numbered(2), NumberType.FLOAT32),
                new Category("city", "city", ""),
                new Category("place", "district", "none")));
    }

    @Test
    void writesASmallCardForASmallModel() {
        ModelCard card = ModelCardReader.read("""
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
                """);

        assertThat(ModelCardWriter.write(card)).isEqualTo("""
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
                        """);
    }

    @Test
    void refusesCardsThatCouldNotBeReadBack() {
        ModelCard card = card(Modality.AUDIO, new Text("subject", false));

        assertThatThrownBy(() -> ModelCardWriter.write(card))
                .isInstanceOf(InvalidModelCardException.class)
                .hasMessageContaining("inputs.subject");
    }
}
