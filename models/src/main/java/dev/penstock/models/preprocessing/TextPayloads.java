package dev.penstock.models.preprocessing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.Limits;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.models.preprocessing.text.TextTokenizer;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Texts as strings and as tokens. */
final class TextPayloads implements PayloadReader {
    private interface Input {
        /** @param tokens ids of the text by what they were made with */
        Value value(String text, Map<TextTokenizer.Key, int[]> tokens);
    }

    private final List<Input> inputs = new ArrayList<>();
    private final Map<TextTokenizer.Key, TextTokenizer> tokenizers = new LinkedHashMap<>();
    private final Limits limits;

    TextPayloads(List<InputSpec> specs, Limits limits, Path bundleDirectory) {
        for (InputSpec spec : specs) {
            if (spec instanceof InputSpec.Tokens tokens) {
                tokenizers.computeIfAbsent(
                        TextTokenizer.Key.of(tokens), key -> new TextTokenizer(key, bundleDirectory));
            }
            inputs.add(input(spec));
        }
        this.limits = limits;
    }

    private static Input input(InputSpec spec) {
        if (spec instanceof InputSpec.Tokens tokens) {
            TextTokenizer.Key key = TextTokenizer.Key.of(tokens);
            return (text, ids) -> typed(row(tokens, ids.get(key)), tokens.type());
        }
        if (spec instanceof InputSpec.Constant constant) {
            Value value = new Value.Floats(new float[] {(float) constant.value()});
            return (text, ids) -> value;
        }
        boolean lowerCase = spec instanceof InputSpec.Text string && string.lowerCase();
        return (text, ids) -> new Value.Bytes((lowerCase ? text.toLowerCase(Locale.ROOT) : text).getBytes(UTF_8));
    }

    private static int[] row(InputSpec.Tokens tokens, int[] ids) {
        int[] row = new int[tokens.rowLength(ids.length)];
        switch (tokens.part()) {
            case IDS -> {
                System.arraycopy(ids, 0, row, 0, ids.length);
                Arrays.fill(row, ids.length, row.length, tokens.padding());
            }
            case MASK -> Arrays.fill(row, 0, ids.length, 1);
            case SEGMENTS -> {}
        }
        return row;
    }

    private static Value typed(int[] row, NumberType type) {
        if (type == NumberType.INT32 || type == NumberType.INT64) {
            return new Value.Integers(row);
        }
        float[] floats = new float[row.length];
        for (int index = 0; index < row.length; index++) {
            floats[index] = row[index];
        }
        return new Value.Floats(floats);
    }

    @Override
    public List<Value> read(Object payload) throws UnusablePayloadException {
        String text = PayloadReader.expect(TextPayload.class, payload).getText();
        check(text);
        Map<TextTokenizer.Key, int[]> tokens = new HashMap<>();
        tokenizers.forEach((key, tokenizer) -> tokens.put(key, tokenizer.ids(text)));
        List<Value> values = new ArrayList<>(inputs.size());
        for (Input input : inputs) {
            values.add(input.value(text, tokens));
        }
        return values;
    }

    private void check(String text) throws UnusablePayloadException {
        if (text == null || text.isEmpty()) {
            throw new UnusablePayloadException(DeadLetterCode.EMPTY_PAYLOAD, "Cannot read text: it has no characters");
        }
        // A UTF-16 unit is at least one byte of UTF-8, so what is far too long is not walked over.
        PayloadReader.checkLength(text.length(), limits.bytes());
        long bytes = 0;
        int characters = 0;
        for (int at = 0; at < text.length(); ) {
            int character = text.codePointAt(at);
            if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                throw new UnusablePayloadException(
                        DeadLetterCode.INVALID_TEXT,
                        "Cannot read text: at character %d there is half of a surrogate pair (U+%04X)"
                                .formatted(characters, character));
            }
            at += Character.charCount(character);
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            characters++;
        }
        PayloadReader.checkLength(bytes, limits.bytes());
        if (characters > limits.characters()) {
            throw new UnusablePayloadException(
                    DeadLetterCode.TEXT_TOO_LONG,
                    "Cannot read text: it has %d characters, allowed are %d"
                            .formatted(characters, limits.characters()));
        }
    }

    @Override
    public DeadLetterCode invalid() {
        return DeadLetterCode.INVALID_TEXT;
    }
}
