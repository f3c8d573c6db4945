package dev.penstock.models.judging;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Where labels contradict the serving version more often than elsewhere. */
final class Contradictions {
    /** Smaller differences are no sign of bad will, however certain they are. */
    private static final double UNUSUAL = 0.1;

    private Contradictions() {}

    /**
     * @param decided answers of the serving version that are decisions
     * @param kinds places of the answers by what is said of their labels
     */
    static List<Contradiction> of(List<Answer> decided, Map<String, List<Integer>> kinds, double alpha) {
        int all = (int) decided.stream().filter(answer -> !answer.isRight()).count();
        List<Contradiction> found = new ArrayList<>();
        List<String> names = List.copyOf(kinds.keySet());
        double[] probabilities = new double[names.size()];
        for (int index = 0; index < probabilities.length; index++) {
            List<Integer> places = kinds.get(names.get(index));
            probabilities[index] =
                    Hypergeometric.atLeast(contradicted(decided, places), places.size(), all, decided.size());
        }
        double[] adjusted = Holm.adjusted(probabilities);
        for (int index = 0; index < probabilities.length; index++) {
            List<Integer> places = kinds.get(names.get(index));
            int contradicted = contradicted(decided, places);
            double share = contradicted / (double) places.size();
            int others = decided.size() - places.size();
            double ofOthers = others == 0 ? Double.NaN : (all - contradicted) / (double) others;
            boolean unusual = share > ofOthers + UNUSUAL && adjusted[index] < alpha;
            found.add(new Contradiction(names.get(index), places.size(), contradicted, share, ofOthers, unusual));
        }
        found.sort(Comparator.comparing((Contradiction each) -> -each.share()).thenComparing(Contradiction::what));
        return found;
    }

    private static int contradicted(List<Answer> decided, List<Integer> places) {
        return (int)
                places.stream().filter(place -> !decided.get(place).isRight()).count();
    }
}
