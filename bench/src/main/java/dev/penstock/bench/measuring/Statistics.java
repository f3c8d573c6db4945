package dev.penstock.bench.measuring;

import java.util.ArrayList;
import java.util.List;

/** What is told of several rounds. */
public final class Statistics {
    private Statistics() {}

    /** The middle one; of an even number the mean of the two in the middle. */
    public static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("Cannot take the median of no values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public static double lowest(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    }

    public static double highest(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }

    /**
     * One to the other, round by round, since what a round suffered from was the machine's for both.
     *
     * @throws IllegalArgumentException if they had not as many rounds
     */
    public static List<Double> ratios(List<Double> over, List<Double> under) {
        if (over.size() != under.size()) {
            throw new IllegalArgumentException("Cannot compare %d rounds with %d".formatted(over.size(), under.size()));
        }
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < over.size(); round++) {
            ratios.add(over.get(round) / under.get(round));
        }
        return ratios;
    }
}
