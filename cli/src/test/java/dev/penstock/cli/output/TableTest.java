package dev.penstock.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void alignsWordsLeftAndNumbersRight() {
        Table table = Table.withColumns("NAME", "COUNT").row("spam", 7).row("languages", 1200);

        assertThat(table.toString().lines())
                .containsExactly("NAME       COUNT", "spam           7", "languages   1200");
    }

    @Test
    void refusesARowOfAnotherWidth() {
        Table table = Table.withColumns("NAME", "COUNT");

        assertThatThrownBy(() -> table.row("spam")).hasMessageContaining("1 cells to a table of 2 columns");
    }
}
