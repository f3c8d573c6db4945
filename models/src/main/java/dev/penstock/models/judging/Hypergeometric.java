package dev.penstock.models.judging;

/** How likely it is that marked rows gather in a part of all rows by chance: Fisher's exact test, one-sided. */
final class Hypergeometric {
    private Hypergeometric() {}

    /**
     * @param found marked rows in the part
     * @param part rows of the part
     * @param marked of all rows
     * @param all rows
     */
    static double atLeast(int found, int part, int marked, int all) {
        double logAll = logChoices(all, part);
        double sum = 0;
        for (int count = found; count <= Math.min(part, marked); count++) {
            if (part - count <= all - marked) {
                sum += Math.exp(logChoices(marked, count) + logChoices(all - marked, part - count) - logAll);
            }
        }
        return Math.min(1, sum);
    }

    private static double logChoices(int all, int chosen) {
        double sum = 0;
        for (int index = 1; index <= Math.min(chosen, all - chosen); index++) {
            sum += Math.log((double) (all - index + 1) / index);
        }
        return sum;
    }
}
