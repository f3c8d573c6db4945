package dev.penstock.models.card;

/**
 * One thing that is wrong in a model card.
 *
 * @param line from 1
 * @param column from 1
 * @param key path from the top, such as {@code inputs.pixels.image.width}; empty for the card as a whole
 * @param problem what is wrong with values, and what to do
 */
public record CardProblem(int line, int column, String key, String problem) {
    @Override
    public String toString() {
        return key.isEmpty()
                ? "line %d, column %d: %s".formatted(line, column, problem)
                : "line %d, column %d, %s: %s".formatted(line, column, key, problem);
    }
}
