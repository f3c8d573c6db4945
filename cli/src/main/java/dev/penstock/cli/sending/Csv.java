package dev.penstock.cli.sending;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads comma-separated values: quotes where a value has commas, quotes or line breaks, two quotes for one inside.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>
 */
final class Csv {
    private static final char QUOTE = '"';
    private static final int END = -1;

    private final String text;
    private int position;
    private int line = 1;

    private Csv(String text) {
        // What Excel puts at the beginning of UTF-8.
        this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** @param line where it begins, from 1 */
    record Row(int line, List<String> values) {
        Row {
            values = List.copyOf(values);
        }
    }

    /**
     * Every row but empty lines.
     *
     * @throws IllegalArgumentException if a quote is not closed, or something follows one
     */
    static List<Row> rows(String text) {
        Csv csv = new Csv(text);
        List<Row> rows = new ArrayList<>();
        while (csv.peek() != END) {
            Row row = csv.row();
            if (!row.values().equals(List.of(""))) {
                rows.add(row);
            }
        }
        return rows;
    }

    private Row row() {
        int start = line;
        List<String> values = new ArrayList<>();
        values.add(value());
        while (peek() == ',') {
            next();
            values.add(value());
        }
        if (peek() == '\r') {
            next();
        }
        if (peek() == '\n') {
            next();
        }
        return new Row(start, values);
    }

    private String value() {
        if (peek() == QUOTE) {
            return quoted();
        }
        StringBuilder value = new StringBuilder();
        while (!endsValue(peek())) {
            value.append(next());
        }
        return value.toString().strip();
    }

    private String quoted() {
        int start = line;
        StringBuilder value = new StringBuilder();
        next();
        while (true) {
            if (peek() == END) {
                throw new IllegalArgumentException(
                        "line %d: the quote that opens there is never closed".formatted(start));
            }
            char character = next();
            if (character != QUOTE) {
                value.append(character);
            } else if (peek() == QUOTE) {
                value.append(next());
            } else if (endsValue(peek())) {
                return value.toString();
            } else {
                throw new IllegalArgumentException(
                        "line %d: '%c' follows a closing quote; write two quotes for one inside"
                                .formatted(line, (char) peek()));
            }
        }
    }

    private static boolean endsValue(int character) {
        return character == ',' || character == '\n' || character == '\r' || character == END;
    }

    private int peek() {
        return position < text.length() ? text.charAt(position) : END;
    }

    private char next() {
        char character = text.charAt(position++);
        if (character == '\n') {
            line++;
        }
        return character;
    }
}
