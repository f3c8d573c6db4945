package dev.penstock.cli.demo;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Counts of one pipeline at one moment.
 *
 * @param doubled records with more than one outcome, which must not be
 * @param judged every decision on an event whose truth is known
 * @param latencies from sending an event to its prediction being written, milliseconds
 * @param codes dead letters by code
 * @param modelVersion the highest that answered, 0 before any did
 */
record Tally(
        int sent,
        int predicted,
        int deadLettered,
        int doubled,
        int abstained,
        List<Judged> judged,
        List<Long> latencies,
        Map<String, Integer> codes,
        int modelVersion) {

    /** Share of right decisions, 0 to 1. */
    OptionalDouble accuracy() {
        return judged.stream().mapToDouble(each -> each.isRight() ? 1 : 0).average();
    }

    long truly(String label) {
        return judged.stream().filter(each -> each.truth().equals(label)).count();
    }

    /**
     * Area under the ROC curve: the probability that a random positive scores above a random negative, ties halved
     * (Mann–Whitney).
     */
    OptionalDouble auc(String positive) {
        List<Judged> ascending = judged.stream()
                .filter(each -> each.scores().containsKey(positive))
                .sorted(Comparator.comparing(each -> each.scores().get(positive)))
                .toList();
        double rankSum = 0;
        long positives = 0;
        int index = 0;
        while (index < ascending.size()) {
            int end = index;
            float score = ascending.get(index).scores().get(positive);
            while (end < ascending.size() && ascending.get(end).scores().get(positive) == score) {
                end++;
            }
            double rank = (index + 1 + end) / 2.0;
            for (Judged each : ascending.subList(index, end)) {
                if (each.truth().equals(positive)) {
                    positives++;
                    rankSum += rank;
                }
            }
            index = end;
        }
        long negatives = ascending.size() - positives;
        if (positives == 0 || negatives == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of((rankSum - positives * (positives + 1) / 2.0) / positives / negatives);
    }

    /** @param share such as 0.99 */
    OptionalDouble latency(double share) {
        if (latencies.isEmpty()) {
            return OptionalDouble.empty();
        }
        long[] ascending = latencies.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(ascending);
        int rank = (int) Math.ceil(share * ascending.length);
        return OptionalDouble.of((double) ascending[Math.max(0, rank - 1)]);
    }
}
