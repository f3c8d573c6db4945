package dev.penstock.schemas.configuration;

/**
 * One thing that is wrong with a configuration file.
 *
 * @param line from 1; 0 where the whole file is meant
 * @param column from 1; 0 where the whole file is meant
 * @param path keys from the top, joined by dots; empty where the whole file is meant
 * @param problem what is wrong and what would be right, without secrets
 */
public record Mistake(int line, int column, String path, String problem) {
    @Override
    public String toString() {
        String place = line == 0 ? "" : "line %d, column %d: ".formatted(line, column);
        return place + (path.isEmpty() ? "" : path + ": ") + problem;
    }
}
