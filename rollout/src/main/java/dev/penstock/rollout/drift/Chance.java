package dev.penstock.rollout.drift;

/** How likely chance alone makes something as large. */
final class Chance {
    private static final double NEGLIGIBLE = 1e-12;
    private static final int MOST_TERMS = 100;

    private Chance() {}

    /**
     * The tail of the chi-squared distribution, by the cube root's normality (Wilson and Hilferty, PNAS 17, 1931).
     *
     * @param value 0 or more
     * @param degrees of freedom, 1 or more
     */
    static double ofChiSquared(double value, int degrees) {
        double variance = 2.0 / (9 * degrees);
        return ofNormal((Math.cbrt(value / degrees) - (1 - variance)) / Math.sqrt(variance));
    }

    /**
     * Kolmogorov's limiting distribution with Stephens's correction for samples that are not infinite (Press and others,
     * Numerical Recipes, 3rd edition, 14.3.3).
     *
     * @param rows the harmonic mean of both samples' sizes, halved
     */
    static double ofDistance(double distance, double rows) {
        double root = Math.sqrt(rows);
        double scaled = (root + 0.12 + 0.11 / root) * distance;
        if (scaled < 0.2) {
            return 1; // To twelve digits, and the series would converge slowly.
        }
        double sum = 0;
        double sign = 2;
        for (int term = 1; term <= MOST_TERMS; term++) {
            double next = sign * Math.exp(-2.0 * term * term * scaled * scaled);
            sum += next;
            if (Math.abs(next) < NEGLIGIBLE * Math.abs(sum)) {
                break;
            }
            sign = -sign;
        }
        return Math.min(1, Math.max(0, sum));
    }

    /** The upper tail of the normal distribution, relatively right to 1.2e-7 (Numerical Recipes, erfcc). */
    static double ofNormal(double z) {
        double x = Math.abs(z) / Math.sqrt(2);
        double t = 1 / (1 + 0.5 * x);
        double[] coefficients = {
            -1.26551223,
            1.00002368,
            0.37409196,
            0.09678418,
            -0.18628806,
            0.27886807,
            -1.13520398,
            1.48851587,
            -0.82215223,
            0.17087277
        };
        double polynomial = 0;
        for (int power = coefficients.length - 1; power >= 0; power--) {
            polynomial = polynomial * t + coefficients[power];
        }
        double tail = 0.5 * t * Math.exp(-x * x + polynomial);
        return z >= 0 ? tail : 1 - tail;
    }
}
