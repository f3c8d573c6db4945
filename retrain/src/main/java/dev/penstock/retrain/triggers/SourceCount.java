package dev.penstock.retrain.triggers;

/**
 * New labels of one source.
 *
 * @param counted requests, up to what one source may count for
 * @param beyond records that came when that was reached
 */
public record SourceCount(int counted, int beyond) {
    static final SourceCount NONE = new SourceCount(0, 0);
}
