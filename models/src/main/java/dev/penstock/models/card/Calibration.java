package dev.penstock.models.card;

/**
 * How the deciding output's scores are made to mean what they say: of decisions with a confidence of 0.9, nine of ten
 * should be right.
 *
 * @param method one number for all labels, so that their order stays
 * @param temperature that logits are divided by; above 1 for a model that is too sure, below 1 for one that is not sure
 *     enough
 * @param rows that it was fitted on
 */
public record Calibration(Method method, double temperature, int rows) {
    /** Temperature scaling: Guo, Pleiss, Sun, Weinberger, On Calibration of Modern Neural Networks, ICML 2017. */
    public enum Method {
        TEMPERATURE
    }

    /** As a prediction says it, such as {@code temperature 1.31}. */
    @Override
    public String toString() {
        return "temperature %s".formatted(temperature);
    }
}
