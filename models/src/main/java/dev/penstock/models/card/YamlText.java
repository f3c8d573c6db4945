package dev.penstock.models.card;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values as they are written in YAML, on one line. */
public final class YamlText {
    /** Nothing that YAML could take for a number, a truth or a sign of its own. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*");

    private static final Pattern TAKEN = Pattern.compile("(?i)true|false|yes|no|on|off|y|n|null");

    private YamlText() {}

    /** A text, number, truth, list of these, or {@link Flow}. */
    public static String of(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(YamlText::of).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Number || value instanceof Boolean || value instanceof Flow) {
            return value.toString();
        }
        String text = value.toString();
        return PLAIN.matcher(text).matches() && !TAKEN.matcher(text).matches() ? text : quoted(text);
    }

    private static String number(double number) {
        if (Double.isNaN(number)) {
            return ".nan";
        }
        boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
        return whole ? Long.toString((long) number) : Double.toString(number);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                quoted.append('\\').appendCodePoint(point);
            } else if (point == '\n') {
                quoted.append("\\n");
            } else if (point == '\t') {
                quoted.append("\\t");
            } else if (point > 0xFFFF) {
                quoted.append("\\U%08x".formatted(point));
            } else if (point < ' ' || (point >= 0x7F && point < 0xA0) || isInvisible(point)) {
                quoted.append("\\u%04x".formatted(point));
            } else {
                quoted.appendCodePoint(point);
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean isInvisible(int point) {
        int type = Character.getType(point);
        return type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE
                || type == Character.UNASSIGNED
                || point >= 0xFFFE;
    }

    /** Keys and values between braces, in the order they are added. */
    static final class Flow {
        private final List<String> entries = new ArrayList<>();

        Flow add(String key, Object value) {
            entries.add(key + ": " + of(value));
            return this;
        }

        /** Adds a choice where it is not the usual one. */
        <E extends Enum<E>> Flow unless(String key, E value, E usual) {
            return value == usual ? this : add(key, CardNode.wordOf(value));
        }

        boolean isEmpty() {
            return entries.isEmpty();
        }

        int size() {
            return entries.size();
        }

        @Override
        public String toString() {
            return entries.stream().collect(Collectors.joining(", ", "{", "}"));
        }
    }
}
