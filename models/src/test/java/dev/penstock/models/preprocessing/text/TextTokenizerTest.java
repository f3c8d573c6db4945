package dev.penstock.models.preprocessing.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.models.card.InputSpec.Tokens.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTokenizerTest {
    @TempDir
    private Path bundle;

    @BeforeEach
    void writeVocabulary() throws Exception {
        Files.writeString(bundle.resolve("vocabulary.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\nspam\nham\n \né\n!\n");
    }

    @Test
    void putsStartAndEndAroundTheTextEvenIfItIsCut() {
        assertThat(tokenizer(Tokenizer.WORDPIECE, 4, "[CLS]", "[SEP]").ids("spam ham spam ham"))
                .containsExactly(2, 4, 5, 3);
        assertThat(tokenizer(Tokenizer.WORDPIECE, 9, "[CLS]", "[SEP]").ids("Ham!"))
                .containsExactly(2, 5, 8, 3);
    }

    @Test
    void splitsAtWhitespaceAlone() {
        assertThat(tokenizer(Tokenizer.WHITESPACE, 9, "", "").ids(" Spam\tham!\n ham "))
                .containsExactly(4, 1, 5);
    }

    @Test
    void takesEveryCharacterIncludingSpaces() {
        assertThat(tokenizer(Tokenizer.CHARACTERS, 9, "", "").ids("É !\ud83d\ude00"))
                .containsExactly(7, 6, 8, 1);
    }

    @Test
    void saysWhichTokenTheVocabularyLacks() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer(Tokenizer.WORDPIECE, 9, "[START]", ""))
                .withMessage("Cannot use vocabulary 'vocabulary.txt': it has no token '[START]', which the card names");
    }

    @Test
    void readsNoFileOutsideOfTheBundle() throws Exception {
        Files.writeString(bundle.resolveSibling("secret.txt"), "[UNK]\n");
        TextTokenizer.Key outside =
                new TextTokenizer.Key("../secret.txt", Tokenizer.WORDPIECE, true, 9, "[UNK]", "", "");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextTokenizer(outside, bundle))
                .withMessage("Cannot read vocabulary '../secret.txt': there is no such file in the bundle");
    }

    @Test
    void refusesLengthsThatLeaveNoRoom() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer(Tokenizer.WORDPIECE, 2, "[CLS]", "[SEP]"))
                .withMessageContaining("length 2");
    }

    private TextTokenizer tokenizer(Tokenizer kind, int length, String start, String end) {
        return new TextTokenizer(
                new TextTokenizer.Key("vocabulary.txt", kind, true, length, "[UNK]", start, end), bundle);
    }
}
