package dev.penstock.models.judging;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Places of rows by what they have in common: a value of one of the request's attributes; the label, so that a rare one
 * does not drown in the others; and who said it, so that one source cannot make up for what others find worse.
 */
final class Slices {
    /** Beyond these the smallest are not looked at: attributes may have a value for every row. */
    private static final int MOST = 100;

    private Slices() {}

    /** The largest slices first, those of one size by name. */
    static Map<String, List<Integer>> of(List<Answer> answers, int leastRows) {
        Map<String, List<Integer>> slices = new TreeMap<>();
        for (int row = 0; row < answers.size(); row++) {
            Answer answer = answers.get(row);
            add(slices, "label=" + answer.example().getLabel(), row);
            if (!answer.example().getSaidBy().isEmpty()) {
                add(slices, "said-by=" + answer.example().getSaidBy(), row);
            }
            for (Map.Entry<String, String> attribute :
                    answer.example().getAttributes().entrySet()) {
                add(slices, attribute.getKey() + "=" + attribute.getValue(), row);
            }
        }
        return largest(slices, leastRows);
    }

    static void add(Map<String, List<Integer>> slices, String name, int row) {
        slices.computeIfAbsent(name, key -> new ArrayList<>()).add(row);
    }

    static Map<String, List<Integer>> largest(Map<String, List<Integer>> slices, int leastRows) {
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        slices.entrySet().stream()
                .filter(slice -> slice.getValue().size() >= leastRows)
                .sorted(Comparator.comparing((Map.Entry<String, List<Integer>> slice) ->
                                -slice.getValue().size())
                        .thenComparing(Map.Entry::getKey))
                .limit(MOST)
                .forEach(slice -> kept.put(slice.getKey(), slice.getValue()));
        return kept;
    }
}
