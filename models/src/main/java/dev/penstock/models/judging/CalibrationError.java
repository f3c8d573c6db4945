package dev.penstock.models.judging;

import java.util.Comparator;
import java.util.List;

/**
 * Expected calibration error: how far confidence is from the share that is right, on average over bins of rows of about
 * one confidence. Bins hold equally many rows, which estimates it with less bias than bins of equal width (Nixon et al.,
 * Measuring Calibration in Deep Learning, CVPR Workshops 2019; Roelofs et al., AISTATS 2022).
 */
final class CalibrationError {
    static final int BINS = 15;

    private CalibrationError() {}

    /** @param scored answers with scores, in any order; NaN if there are none */
    static double of(List<Answer> scored) {
        if (scored.isEmpty()) {
            return Double.NaN;
        }
        // Those of one confidence stay in the order of the requests, so that the same answers give the same number.
        List<Answer> rising = scored.stream()
                .sorted(Comparator.comparingDouble(CalibrationError::confidence))
                .toList();
        int bins = Math.min(BINS, rising.size());
        double error = 0;
        for (int bin = 0; bin < bins; bin++) {
            int start = (int) ((long) bin * rising.size() / bins);
            int end = (int) ((bin + 1L) * rising.size() / bins);
            double confidence = 0;
            double right = 0;
            for (Answer answer : rising.subList(start, end)) {
                confidence += confidence(answer);
                right += answer.likeliest() == answer.label() ? 1 : 0;
            }
            error += Math.abs(confidence - right) / rising.size();
        }
        return error;
    }

    private static double confidence(Answer answer) {
        return answer.scores().orElseThrow().score(answer.likeliest());
    }
}
