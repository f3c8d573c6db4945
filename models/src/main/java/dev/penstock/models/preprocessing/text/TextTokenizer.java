package dev.penstock.models.preprocessing.text;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Tokens.Tokenizer;
import java.nio.file.Path;
import java.util.Locale;

/** Text to the ids of its tokens, start and end tokens included, cut at the input's length. Immutable. */
public final class TextTokenizer {
    private final Key key;
    private final Vocabulary vocabulary;
    private final int unknown;
    private final WordPiece wordPiece;

    /** What must be the same for two inputs to share one tokenizer, and the work it does on a text. */
    public record Key(
            String vocabulary,
            Tokenizer tokenizer,
            boolean lowerCase,
            int length,
            String unknown,
            String start,
            String end) {
        public static Key of(InputSpec.Tokens spec) {
            return new Key(
                    spec.vocabulary(),
                    spec.tokenizer(),
                    spec.lowerCase(),
                    spec.length(),
                    spec.unknown(),
                    spec.start(),
                    spec.end());
        }
    }

    /**
     * @param bundle directory that the vocabulary is in
     * @throws IllegalArgumentException if the vocabulary cannot be read or has not the tokens that the card names
     */
    public TextTokenizer(Key key, Path bundle) {
        this.key = key;
        this.vocabulary = Vocabulary.read(bundle, key.vocabulary());
        this.unknown = vocabulary.required(key.unknown());
        this.wordPiece = new WordPiece(vocabulary, unknown, key.lowerCase());
        if (!key.start().isEmpty()) {
            vocabulary.required(key.start());
        }
        if (!key.end().isEmpty()) {
            vocabulary.required(key.end());
        }
        if (room() < 1) {
            throw new IllegalArgumentException(
                    "Cannot tokenise to length %d: start and end tokens leave no room".formatted(key.length()));
        }
    }

    private int room() {
        return key.length() - (key.start().isEmpty() ? 0 : 1) - (key.end().isEmpty() ? 0 : 1);
    }

    /** Ids without padding, at most the input's length. */
    public int[] ids(String text) {
        TokenSink inner = new TokenSink(room());
        switch (key.tokenizer()) {
            case WORDPIECE -> wordPiece.tokenize(text, inner);
            case WHITESPACE -> tokenizeWords(cased(text), inner);
            case CHARACTERS -> tokenizeCharacters(cased(text), inner);
        }
        TokenSink all = new TokenSink(key.length());
        if (!key.start().isEmpty()) {
            all.add(vocabulary.required(key.start()));
        }
        for (int id : inner.ids()) {
            all.add(id);
        }
        if (!key.end().isEmpty()) {
            all.add(vocabulary.required(key.end()));
        }
        return all.ids();
    }

    private String cased(String text) {
        return key.lowerCase() ? text.toLowerCase(Locale.ROOT) : text;
    }

    private void tokenizeWords(String text, TokenSink into) {
        int start = -1;
        for (int at = 0; at < text.length() && !into.isFull(); at++) {
            boolean space = WordPiece.isSpace(text.charAt(at));
            if (!space && start < 0) {
                start = at;
            } else if (space && start >= 0) {
                into.add(vocabulary.idOf(text.substring(start, at), unknown));
                start = -1;
            }
        }
        if (start >= 0) {
            into.add(vocabulary.idOf(text.substring(start), unknown));
        }
    }

    private void tokenizeCharacters(String text, TokenSink into) {
        for (int at = 0; at < text.length() && !into.isFull(); ) {
            int next = text.offsetByCodePoints(at, 1);
            into.add(vocabulary.idOf(text.substring(at, next), unknown));
            at = next;
        }
    }
}
