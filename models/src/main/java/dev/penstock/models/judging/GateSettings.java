package dev.penstock.models.judging;

/**
 * What a version must show before it goes on trial.
 *
 * @param alpha probability with which a version that is no worse may be refused by a test, above 0 to below 0.5
 * @param leastRows held-out rows without which nothing is judged and the version refused, 1 or more
 * @param overallMargin by which the share of right decisions may be lower, 0 to 1
 * @param aucMargin by which the area under the ROC curve of a binary model may be lower, 0 to 1
 * @param calibrationMargin by which the calibration error may be higher, 0 to 1
 * @param logLossMargin by which the log-loss may be higher, 0 or more
 * @param sliceRows rows that a slice must have to be looked at, 1 or more
 * @param sliceMargin by which the share of right decisions may be lower in a slice, 0 to 1
 * @param goldenAgreement share of the parent's golden inputs that must be decided rightly, 0 to 1
 * @param largestSizeRatio of the bundle's size to that of the serving version, above 0
 * @param largestTimeRatio of the processor time a row to that of the serving version, above 0
 */
public record GateSettings(
        double alpha,
        int leastRows,
        double overallMargin,
        double aucMargin,
        double calibrationMargin,
        double logLossMargin,
        int sliceRows,
        double sliceMargin,
        double goldenAgreement,
        double largestSizeRatio,
        double largestTimeRatio) {
    public GateSettings {
        if (!(alpha > 0 && alpha < 0.5)) {
            throw new IllegalArgumentException(
                    "Cannot test at a level of %s: it must be above 0 and below 0.5".formatted(alpha));
        }
        if (leastRows < 1 || sliceRows < 1) {
            throw new IllegalArgumentException(
                    "Cannot judge by %d rows and slices of %d: both must be 1 or more".formatted(leastRows, sliceRows));
        }
        requireShare("overall-margin", overallMargin);
        requireShare("auc-margin", aucMargin);
        requireShare("calibration-margin", calibrationMargin);
        requireShare("slice-margin", sliceMargin);
        requireShare("golden-agreement", goldenAgreement);
        if (!(logLossMargin >= 0 && largestSizeRatio > 0 && largestTimeRatio > 0)) {
            throw new IllegalArgumentException(
                    "Cannot judge with a log-loss margin of %s and ratios of %s in size and %s in time: the margin is 0 or more, the ratios above 0"
                            .formatted(logLossMargin, largestSizeRatio, largestTimeRatio));
        }
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot judge with a %s of %s: it must be 0 to 1".formatted(name, share));
        }
    }

    /**
     * No worse by half a point overall, by two points in any slice. A quarter of the golden inputs may come out otherwise:
     * most have no label, and where the serving version errs a better one differs.
     */
    public static GateSettings usual() {
        return new GateSettings(0.05, 50, 0.005, 0.01, 0.02, 0.05, 50, 0.02, 0.75, 1.5, 2);
    }
}
