package dev.penstock.models.preprocessing.text;

import java.text.Normalizer;
import java.util.Locale;

/**
 * BERT's tokenizer: words and punctuation marks first, then for each word the longest pieces that the vocabulary has,
 * {@code ##} in front of all but the first. A word that cannot be put together, or is longer than 100 characters, is
 * unknown as a whole. Special tokens in the text are text.
 *
 * @see <a href="https://github.com/google-research/bert/blob/master/tokenization.py">google-research/bert,
 *     tokenization.py</a>
 */
final class WordPiece {
    private static final int LONGEST_WORD = 100;
    private static final String CONTINUATION = "##";

    private final Vocabulary vocabulary;
    private final int unknown;
    private final boolean lowerCase;

    WordPiece(Vocabulary vocabulary, int unknown, boolean lowerCase) {
        this.vocabulary = vocabulary;
        this.unknown = unknown;
        this.lowerCase = lowerCase;
    }

    void tokenize(String text, TokenSink into) {
        StringBuilder word = new StringBuilder();
        int length = text.length();
        for (int at = 0; at < length && !into.isFull(); ) {
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            if (isSpace(character) || isIdeograph(character)) {
                split(word, into);
                if (!isSpace(character)) {
                    word.appendCodePoint(character);
                    split(word, into);
                }
            } else if (!isDropped(character)) {
                word.appendCodePoint(character);
            }
        }
        split(word, into);
    }

    /** Splits one word at its punctuation, and empties it. */
    private void split(StringBuilder word, TokenSink into) {
        String cleaned = lowerCase ? withoutAccents(word.toString().toLowerCase(Locale.ROOT)) : word.toString();
        word.setLength(0);
        int start = 0;
        for (int at = 0; at < cleaned.length(); ) {
            int character = cleaned.codePointAt(at);
            int next = at + Character.charCount(character);
            if (isPunctuation(character)) {
                addPieces(cleaned.substring(start, at), into);
                addPieces(cleaned.substring(at, next), into);
                start = next;
            }
            at = next;
        }
        addPieces(cleaned.substring(start), into);
    }

    private static String withoutAccents(String word) {
        if (word.chars().allMatch(c -> c < 0x80)) {
            return word;
        }
        StringBuilder kept = new StringBuilder(word.length());
        Normalizer.normalize(word, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    private void addPieces(String word, TokenSink into) {
        if (word.isEmpty()) {
            return;
        }
        if (word.codePointCount(0, word.length()) > LONGEST_WORD) {
            into.add(unknown);
            return;
        }
        TokenSink pieces = new TokenSink(LONGEST_WORD);
        for (int start = 0; start < word.length(); ) {
            int end = endOfPiece(word, start);
            if (end == start) {
                into.add(unknown);
                return;
            }
            pieces.add(vocabulary.idOf(piece(word, start, end), unknown));
            start = end;
        }
        for (int id : pieces.ids()) {
            into.add(id);
        }
    }

    /** Where the longest piece from {@code start} on ends; {@code start} if there is none. */
    private int endOfPiece(String word, int start) {
        int end = word.length();
        while (end > start && !vocabulary.contains(piece(word, start, end))) {
            end = word.offsetByCodePoints(end, -1);
        }
        return end;
    }

    private static String piece(String word, int start, int end) {
        return start == 0 ? word.substring(0, end) : CONTINUATION + word.substring(start, end);
    }

    /** Line and paragraph separators too: Python's {@code split} takes them for spaces. */
    static boolean isSpace(int character) {
        return character == ' '
                || character == '\t'
                || character == '\n'
                || character == '\r'
                || Character.isSpaceChar(character);
    }

    private static boolean isDropped(int character) {
        int type = Character.getType(character);
        return character == 0xFFFD || type == Character.CONTROL || type == Character.FORMAT;
    }

    private static boolean isIdeograph(int character) {
        return within(character, 0x4E00, 0x9FFF)
                || within(character, 0x3400, 0x4DBF)
                || within(character, 0xF900, 0xFAFF)
                || within(character, 0x20000, 0x2A6DF)
                || within(character, 0x2A700, 0x2CEAF)
                || within(character, 0x2F800, 0x2FA1F);
    }

    private static boolean within(int character, int first, int last) {
        return character >= first && character <= last;
    }

    /** All of ASCII that is neither letter, digit nor space counts, {@code $} and {@code ^} included. */
    private static boolean isPunctuation(int character) {
        if (character < 0x80) {
            return character > ' ' && character < 0x7F && !Character.isLetterOrDigit(character);
        }
        return switch (Character.getType(character)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }
}
