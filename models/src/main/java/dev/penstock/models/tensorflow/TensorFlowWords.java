package dev.penstock.models.tensorflow;

import java.util.List;
import java.util.regex.Pattern;

/** TensorFlow's error messages, made into one line that says what happened. */
final class TensorFlowWords {
    private static final int LONGEST = 400;
    /** Names of graph nodes, which say nothing to whoever did not build the graph, and stack traces after them. */
    private static final Pattern NODES = Pattern.compile("\\s*\\[?\\[\\{\\{node .*", Pattern.DOTALL);

    private static final Pattern SEVERAL = Pattern.compile("\\d+ root error\\(s\\) found\\.");
    /** What follows an error in a graph says how old TensorFlow is, and not what is wrong. */
    private static final Pattern AGES = Pattern.compile("\\s*The binary trying to import the GraphDef.*");

    private static final Pattern NUMBERING = Pattern.compile("^\\(\\d+\\) ");

    private TensorFlowWords() {}

    static String shortened(String message) {
        List<String> lines = message.lines()
                .map(line -> NODES.matcher(line).replaceFirst(""))
                .map(line -> AGES.matcher(line).replaceFirst(""))
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !SEVERAL.matcher(line).matches())
                .toList();
        String line = lines.isEmpty()
                ? message.strip()
                : NUMBERING.matcher(lines.get(0)).replaceFirst("");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
    }
}
