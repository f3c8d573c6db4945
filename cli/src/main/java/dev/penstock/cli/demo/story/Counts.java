package dev.penstock.cli.demo.story;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BiPredicate;

/** Decisions beside the truth, counted. For one thread at a time. */
public final class Counts {
    private record Pair(String truth, String decided) {}

    private final Map<Pair, Integer> pairs = new HashMap<>();
    private int abstained;

    void add(String truth, String decided) {
        pairs.merge(new Pair(truth, decided), 1, Integer::sum);
    }

    void addAbstention() {
        abstained++;
    }

    /** Decisions on events whose truth is known. */
    public int decided() {
        return count((truth, decided) -> true);
    }

    public int abstained() {
        return abstained;
    }

    /** Share of right decisions, 0 to 1; empty before there is one. */
    public OptionalDouble accuracy() {
        return share(count(String::equals), decided());
    }

    /** Share of what is really so that was found, 0 to 1. */
    public OptionalDouble recall(String label) {
        return share(both(label), count((truth, decided) -> truth.equals(label)));
    }

    /** Share of what was said to be so that really is, 0 to 1. */
    public OptionalDouble precision(String label) {
        return share(both(label), count((truth, decided) -> decided.equals(label)));
    }

    private int both(String label) {
        return count((truth, decided) -> truth.equals(label) && decided.equals(label));
    }

    private int count(BiPredicate<String, String> wanted) {
        int sum = 0;
        for (Map.Entry<Pair, Integer> entry : pairs.entrySet()) {
            if (wanted.test(entry.getKey().truth(), entry.getKey().decided())) {
                sum += entry.getValue();
            }
        }
        return sum;
    }

    private static OptionalDouble share(int part, int whole) {
        return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of(part / (double) whole);
    }
}
