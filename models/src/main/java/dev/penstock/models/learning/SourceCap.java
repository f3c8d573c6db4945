package dev.penstock.models.learning;

import java.util.Collection;

/** How many examples of one source are taken, so that none has more than its share of what is. */
final class SourceCap {
    /** Who has said less is taken whole and is no measure for others: his first label would leave a handful of theirs. */
    static final int LEAST_OF_A_RIVAL = 20;

    private SourceCap() {}

    /**
     * The largest number such that, with no more than so many of each source, none has more than the share. With too few
     * sources for that, each may have the same; one is not capped that has no rival, which is another with {@value
     * #LEAST_OF_A_RIVAL} examples or more.
     *
     * @param counts examples of each source
     */
    static int of(Collection<Integer> counts, double share) {
        int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
        long rivals = counts.stream().filter(count -> count >= LEAST_OF_A_RIVAL).count();
        // Two sources cannot have a third each.
        double allowed = Math.max(share, 1.0 / Math.max(1, rivals));
        int low = 1;
        int high = Math.max(1, most);
        while (low < high) {
            int cap = low + (high - low + 1) / 2;
            long taken =
                    counts.stream().mapToLong(count -> Math.min(count, cap)).sum();
            if (cap <= allowed * taken + 1e-9) {
                low = cap;
            } else {
                high = cap - 1;
            }
        }
        return low;
    }
}
