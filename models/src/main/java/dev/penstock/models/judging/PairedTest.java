package dev.penstock.models.judging;

/**
 * The exact form of McNemar's test, which is the sign test on rows that two versions do not both get right or both wrong
 * (McNemar 1947; Dietterich, Neural Computation 1998). It holds for any number of rows.
 */
final class PairedTest {
    private PairedTest() {}

    /**
     * The probability to see so many rows that only the old version gets right, or more, if a row on which they differ
     * is as likely to go one way as the other.
     *
     * @param onlyOld rows that only the old version gets right
     * @param onlyNew rows that only the new one gets right
     */
    static double isWorse(int onlyOld, int onlyNew) {
        int trials = onlyOld + onlyNew;
        double logChoices = 0;
        double sum = 0;
        double logHalves = trials * Math.log(0.5);
        for (int successes = 0; successes <= trials; successes++) {
            if (successes >= onlyOld) {
                sum += Math.exp(logChoices + logHalves);
            }
            logChoices += Math.log((double) (trials - successes) / (successes + 1));
        }
        return Math.min(1, sum);
    }
}
