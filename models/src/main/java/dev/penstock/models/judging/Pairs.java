package dev.penstock.models.judging;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two versions' answers to the same rows.
 *
 * @param onlyNow rows that only the new version gets right
 * @param onlyBefore rows that only the old one gets right
 */
record Pairs(int rows, int rightNow, int rightBefore, int onlyNow, int onlyBefore) {
    /** @param places of the rows to look at; null for all */
    static Pairs of(List<Answer> now, List<Answer> before, @Nullable List<Integer> places) {
        int rightNow = 0;
        int rightBefore = 0;
        int onlyNow = 0;
        int onlyBefore = 0;
        List<Integer> looked =
                places == null ? IntStream.range(0, now.size()).boxed().toList() : places;
        for (int row : looked) {
            boolean isRight = now.get(row).isRight();
            boolean wasRight = before.get(row).isRight();
            rightNow += isRight ? 1 : 0;
            rightBefore += wasRight ? 1 : 0;
            onlyNow += isRight && !wasRight ? 1 : 0;
            onlyBefore += wasRight && !isRight ? 1 : 0;
        }
        return new Pairs(looked.size(), rightNow, rightBefore, onlyNow, onlyBefore);
    }

    double accuracy() {
        return rightNow / (double) rows;
    }

    double servingAccuracy() {
        return rightBefore / (double) rows;
    }

    /** How much the share of right decisions fell; below 0 if it rose. */
    double loss() {
        return (rightBefore - rightNow) / (double) rows;
    }

    double worse() {
        return PairedTest.isWorse(onlyBefore, onlyNow);
    }

    Map<String, Double> figures(double p) {
        return new TreeMap<>(Map.of(
                "rows",
                (double) rows,
                "accuracy",
                accuracy(),
                "serving",
                servingAccuracy(),
                "only-now-right",
                (double) onlyNow,
                "only-before-right",
                (double) onlyBefore,
                "p-worse",
                p));
    }
}
