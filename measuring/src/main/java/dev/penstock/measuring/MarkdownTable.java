package dev.penstock.measuring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table in Markdown whose columns line up, so that it can be read as it is. */
public final class MarkdownTable {
    /** The line below the titles needs as many dashes. */
    private static final int NARROWEST = 3;

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    public MarkdownTable(String... titles) {
        this.columns = titles.length;
        rows.add(List.of(titles));
    }

    /** @param cells as many as there are columns */
    public MarkdownTable row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(
                    "Cannot add a row of %d cells to a table of %d columns".formatted(cells.length, columns));
        }
        rows.add(Arrays.stream(cells).map(cell -> cell.replace("|", "\\|")).toList());
        return this;
    }

    /** Lines with a line break at the end. */
    @Override
    public String toString() {
        int[] widths = IntStream.range(0, columns)
                .map(column ->
                        rows.stream().mapToInt(row -> row.get(column).length()).reduce(NARROWEST, Math::max))
                .toArray();
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < rows.size(); row++) {
            text.append(line(rows.get(row), widths));
            if (row == 0) {
                text.append(line(
                        Arrays.stream(widths)
                                .mapToObj(width -> "-".repeat(width))
                                .toList(),
                        widths));
            }
        }
        return text.toString();
    }

    private static String line(List<String> cells, int[] widths) {
        return IntStream.range(0, widths.length)
                        .mapToObj(column -> cells.get(column)
                                + " "
                                        .repeat(Math.max(
                                                0,
                                                widths[column]
                                                        - cells.get(column).length())))
                        .collect(Collectors.joining(" | ", "| ", " |"))
                + System.lineSeparator();
    }
}
