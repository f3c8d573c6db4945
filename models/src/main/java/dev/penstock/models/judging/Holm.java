package dev.penstock.models.judging;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Holm's correction for many tests at once (Scandinavian Journal of Statistics 1979). */
final class Holm {
    private Holm() {}

    /** Such that rejecting below a level errs in any of the tests with no more than that probability; in their order. */
    static double[] adjusted(double[] probabilities) {
        List<Integer> rising = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble(index -> probabilities[index]))
                .toList();
        double[] adjusted = new double[probabilities.length];
        double highest = 0;
        for (int rank = 0; rank < rising.size(); rank++) {
            int index = rising.get(rank);
            highest = Math.max(highest, Math.min(1, (probabilities.length - rank) * probabilities[index]));
            adjusted[index] = highest;
        }
        return adjusted;
    }
}
