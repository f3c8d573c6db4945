package dev.penstock.measuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MarkdownTableTest {
    @Test
    void itsColumnsLineUp() {
        MarkdownTable table =
                new MarkdownTable("who", "").row("the product", "1").row("a|b", "22");

        assertThat(table.toString().lines())
                .containsExactly(
                        "| who         |     |",
                        "| ----------- | --- |",
                        "| the product | 1   |",
                        "| a\\|b        | 22  |");
    }

    @Test
    void refusesARowOfAnotherLength() {
        assertThatThrownBy(() -> new MarkdownTable("one", "two").row("alone"))
                .hasMessage("Cannot add a row of 1 cells to a table of 2 columns");
    }
}
