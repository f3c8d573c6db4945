package dev.penstock.models.preprocessing.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The cases are those of BERT's own tokenization_test.py, and what its code says where that has none. */
class WordPieceTest {
    private static final List<String> VOCABULARY = List.of(
            "[UNK]",
            "[CLS]",
            "[SEP]",
            "want",
            "##want",
            "##ed",
            "wa",
            "un",
            "runn",
            "##ing",
            ",",
            "hello",
            "!",
            "how",
            "are",
            "you",
            "?",
            "u",
            "H",
            "E",
            "L",
            "##e",
            "##l",
            "##o",
            "[",
            "]",
            "unk",
            "$",
            "cafe",
            "caf",
            "##\u00e9",
            "\u535a",
            "\u63a8",
            "ah",
            "zz",
            "a",
            "b",
            "^",
            "_",
            "\u2014",
            "\u00a1",
            "don",
            "'",
            "t",
            "\ud840\udc00",
            "i");

    @Test
    void putsWordsTogetherFromTheLongestPieces() {
        assertThat(pieces("unwanted running")).containsExactly("un", "##want", "##ed", "runn", "##ing");
    }

    @Test
    void takesAWordThatCannotBePutTogetherForUnknownAsAWhole() {
        assertThat(pieces("unwantedX running")).containsExactly("[UNK]", "runn", "##ing");
    }

    @Test
    void lowersCaseAndCutsSpacesAndPunctuation() {
        assertThat(pieces(" \tHeLLo!how  \n Are yoU?  ")).containsExactly("hello", "!", "how", "are", "you", "?");
    }

    @Test
    void stripsAccentsWhenItLowersCaseAndKeepsThemWhenNot() {
        assertThat(pieces("H\u00e9llo caf\u00e9")).containsExactly("hello", "cafe");
        assertThat(cased("caf\u00e9")).containsExactly("caf", "##\u00e9");
        assertThat(pieces("\u0130")).containsExactly("i");
    }

    @Test
    void keepsCaseWhereAsked() {
        assertThat(cased("Hello")).containsExactly("H", "##e", "##l", "##l", "##o");
        assertThat(pieces("HELLO")).containsExactly("hello");
    }

    @Test
    void takesEachChineseCharacterForAWord() {
        assertThat(pieces("ah\u535a\u63a8zz")).containsExactly("ah", "\u535a", "\u63a8", "zz");
        assertThat(pieces("ah\ud840\udc00zz")).containsExactly("ah", "\ud840\udc00", "zz");
    }

    @Test
    void takesAllAsciiSignsForPunctuation() {
        assertThat(pieces("a$b^a_b")).containsExactly("a", "$", "b", "^", "a", "_", "b");
        assertThat(pieces("a\u2014b\u00a1")).containsExactly("a", "\u2014", "b", "\u00a1");
        assertThat(pieces("don't")).containsExactly("don", "'", "t");
    }

    @Test
    void dropsControlAndReplacementCharactersAndTakesEverySpaceForOne() {
        assertThat(pieces("he\u0000l\ufffdl\u00ado")).containsExactly("hello");
        assertThat(pieces("how\u00a0are\u3000you\u2028how")).containsExactly("how", "are", "you", "how");
    }

    @Test
    void takesSpecialTokensInTheTextForText() {
        assertThat(pieces("[UNK]")).containsExactly("[", "unk", "]");
    }

    @Test
    void takesWordsOfMoreThanAHundredCharactersForUnknown() {
        List<String> vocabulary = List.of("[UNK]", "x", "##x");

        assertThat(ids(vocabulary, "x".repeat(100), true, 200)).hasSize(100);
        assertThat(ids(vocabulary, "x".repeat(101), true, 200)).containsExactly(0);
    }

    @Test
    void stopsWhenItHasEnough() {
        assertThat(ids(VOCABULARY, "how are you ".repeat(1_000_000), true, 4)).containsExactly(13, 14, 15, 13);
        assertThat(ids(VOCABULARY, "unwanted running", true, 2)).containsExactly(7, 4);
    }

    private static List<String> pieces(String text) {
        return Arrays.stream(ids(VOCABULARY, text, true, 100))
                .mapToObj(VOCABULARY::get)
                .toList();
    }

    private static List<String> cased(String text) {
        return Arrays.stream(ids(VOCABULARY, text, false, 100))
                .mapToObj(VOCABULARY::get)
                .toList();
    }

    private static int[] ids(List<String> vocabulary, String text, boolean lowerCase, int length) {
        TokenSink sink = new TokenSink(length);
        new WordPiece(Vocabulary.of("vocabulary.txt", vocabulary), 0, lowerCase).tokenize(text, sink);
        return sink.ids();
    }
}
