package dev.penstock.models.judging;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * A paired test of any figure at all: if two versions are as good, each row's two answers may as well be exchanged
 * (Fisher's randomization test; Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989, chapter 2). It asks no
 * distribution of the figure, which a calibration error of a hundred rows has none to name.
 */
final class RandomizationTest {
    private static final int EXCHANGES = 999;
    private static final int LEAST_EXCHANGES = 199;
    /** Of all exchanges together: so that a hundred thousand rows take seconds. */
    private static final int ROWS = 20_000_000;

    private static final long SEED = 20_131;

    private RandomizationTest() {}

    /**
     * The probability that versions as good as each other differ by so much, or more, as the new one costs more. The same
     * answers always give the same.
     *
     * @param now answers of the new version
     * @param before of the old one, to the same rows in the same order
     * @param cost of answers; the more, the worse
     */
    static double isWorse(List<Answer> now, List<Answer> before, ToDoubleFunction<List<Answer>> cost) {
        double seen = cost.applyAsDouble(now) - cost.applyAsDouble(before);
        int exchanges = Math.max(LEAST_EXCHANGES, Math.min(EXCHANGES, ROWS / now.size()));
        SplittableRandom random = new SplittableRandom(SEED);
        int atLeast = 1;
        for (int exchange = 0; exchange < exchanges; exchange++) {
            List<Answer> one = new ArrayList<>(now.size());
            List<Answer> other = new ArrayList<>(now.size());
            for (int row = 0; row < now.size(); row++) {
                boolean stays = random.nextBoolean();
                one.add((stays ? now : before).get(row));
                other.add((stays ? before : now).get(row));
            }
            atLeast += cost.applyAsDouble(one) - cost.applyAsDouble(other) >= seen ? 1 : 0;
        }
        return atLeast / (exchanges + 1.0);
    }
}
