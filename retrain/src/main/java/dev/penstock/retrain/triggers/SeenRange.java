package dev.penstock.retrain.triggers;

/**
 * Where a model's examples lie in one partition of {@code labelled-examples}.
 *
 * @param from offset of the first
 * @param to the offset after the last
 */
public record SeenRange(long from, long to) {
    SeenRange with(long offset) {
        return new SeenRange(Math.min(from, offset), Math.max(to, offset + 1));
    }
}
