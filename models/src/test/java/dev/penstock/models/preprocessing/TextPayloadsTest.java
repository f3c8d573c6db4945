package dev.penstock.models.preprocessing;

import static dev.penstock.models.preprocessing.Outcomes.assertRejected;
import static dev.penstock.models.preprocessing.Outcomes.bytes;
import static dev.penstock.models.preprocessing.Outcomes.floats;
import static dev.penstock.models.preprocessing.Outcomes.integers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InputSpec.Tokens.Part;
import dev.penstock.models.card.Limits;
import dev.penstock.models.card.NumberType;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextPayloadsTest {
    @TempDir
    private Path bundle;

    @Test
    void givesTextAsUtf8InEitherCase() {
        Preprocessor preprocessor = preprocessor(new Text("as-is", false), new Text("lower", true));

        Prepared prepared = preprocessor.prepare(new TextPayload("GRÜẞE 😀"));

        assertThat(bytes(prepared, 0)).asString().isEqualTo("GRÜẞE 😀");
        assertThat(bytes(prepared, 1)).asString().isEqualTo("grüße 😀");
    }

    @Test
    void givesIdsMaskAndSegmentsOfOneLength() throws Exception {
        Files.writeString(bundle.resolve("words.txt"), "[PAD]\n[UNK]\nbuy\nnow\n");
        Preprocessor preprocessor = preprocessor(
                tokens("ids", Part.IDS, NumberType.INT64),
                tokens("mask", Part.MASK, NumberType.INT32),
                tokens("segments", Part.SEGMENTS, NumberType.INT32),
                tokens("float-ids", Part.IDS, NumberType.FLOAT32));

        Prepared prepared = preprocessor.prepare(new TextPayload("Buy it now"));

        assertThat(integers(prepared, 0)).containsExactly(2, 1, 3, 9, 9);
        assertThat(integers(prepared, 1)).containsExactly(1, 1, 1, 0, 0);
        assertThat(integers(prepared, 2)).containsExactly(0, 0, 0, 0, 0);
        assertThat(floats(prepared, 3)).containsExactly(2, 1, 3, 9, 9);
    }

    @Test
    void countsCharactersAndNotTheirUtf16Units() {
        Preprocessor preprocessor = preprocessor(new Limits(1_000, 1, 1, 3), new Text("text", false));

        assertThat(bytes(preprocessor.prepare(new TextPayload("😀😀😀")), 0)).hasSize(12);
        assertRejected(
                preprocessor.prepare(new TextPayload("😀😀😀!")),
                DeadLetterCode.TEXT_TOO_LONG,
                "Cannot read text: it has 4 characters, allowed are 3");
    }

    @Test
    void countsBytesOfUtf8() {
        Preprocessor preprocessor = preprocessor(new Limits(10, 1, 1, 1_000), new Text("text", false));

        assertThat(bytes(preprocessor.prepare(new TextPayload("äöüäö")), 0)).hasSize(10);
        assertRejected(
                preprocessor.prepare(new TextPayload("€€€€")),
                DeadLetterCode.PAYLOAD_TOO_LARGE,
                "Cannot read payload: it has 12 bytes, allowed are 10");
    }

    @Test
    void refusesHalvesOfSurrogatePairs() {
        Preprocessor preprocessor = preprocessor(new Text("text", false));

        assertRejected(
                preprocessor.prepare(new TextPayload("😀a\ud83d")),
                DeadLetterCode.INVALID_TEXT,
                "Cannot read text: at character 2 there is half of a surrogate pair (U+D83D)");
        assertRejected(
                preprocessor.prepare(new TextPayload("\ude00")),
                DeadLetterCode.INVALID_TEXT,
                "Cannot read text: at character 0 there is half of a surrogate pair (U+DE00)");
    }

    @Test
    void refusesEmptyTextAndOtherPayloads() {
        Preprocessor preprocessor = preprocessor(new Text("text", false));

        assertRejected(
                preprocessor.prepare(new TextPayload("")),
                DeadLetterCode.EMPTY_PAYLOAD,
                "Cannot read text: it has no characters");
        assertRejected(
                preprocessor.prepare(new ImagePayload(ByteBuffer.allocate(4), "text/plain")),
                DeadLetterCode.WRONG_PAYLOAD,
                "Cannot read ImagePayload: the model reads TextPayload");
        assertRejected(
                preprocessor.prepare("plain"),
                DeadLetterCode.WRONG_PAYLOAD,
                "Cannot read String: the model reads TextPayload");
    }

    private static Tokens tokens(String name, Part part, NumberType type) {
        return new Tokens(
                name, part, "words.txt", Tokens.Tokenizer.WHITESPACE, true, 5, List.of(), 9, "[UNK]", "", "", type);
    }

    @Test
    void padsToTheFirstLengthThatFits() throws Exception {
        Files.writeString(bundle.resolve("words.txt"), "[PAD]\n[UNK]\nbuy\nnow\n");
        Preprocessor preprocessor = preprocessor(new Tokens(
                "ids",
                Part.IDS,
                "words.txt",
                Tokens.Tokenizer.WHITESPACE,
                true,
                5,
                List.of(1, 3),
                9,
                "[UNK]",
                "",
                "",
                NumberType.INT32));

        assertThat(integers(preprocessor.prepare(new TextPayload("buy")), 0)).containsExactly(2);
        assertThat(integers(preprocessor.prepare(new TextPayload("buy now")), 0))
                .containsExactly(2, 3, 9);
        assertThat(integers(preprocessor.prepare(new TextPayload("buy now buy now now now")), 0))
                .containsExactly(2, 3, 2, 3, 3);
    }

    private Preprocessor preprocessor(InputSpec... inputs) {
        return preprocessor(Limits.usual(), inputs);
    }

    private Preprocessor preprocessor(Limits limits, InputSpec... inputs) {
        return Preprocessors.of(Cards.reading(Modality.TEXT, limits, inputs), bundle);
    }
}
