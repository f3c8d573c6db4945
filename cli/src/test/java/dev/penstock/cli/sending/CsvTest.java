package dev.penstock.cli.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.cli.sending.Csv.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {
    @Test
    void readsRowsAndTheirLines() {
        assertThat(Csv.rows("a,b\r\n1,2\r\n\r\n3,4"))
                .containsExactly(row(1, "a", "b"), row(2, "1", "2"), row(4, "3", "4"));
    }

    @Test
    void keepsEmptyValuesAndDropsSpaceAroundPlainOnes() {
        assertThat(Csv.rows("a, b ,,\n")).containsExactly(row(1, "a", "b", "", ""));
    }

    @Test
    void takesQuotedValuesAsTheyAre() {
        assertThat(Csv.rows("\" x, \"\"y\"\"\nz \",2\n3,4"))
                .containsExactly(row(1, " x, \"y\"\nz ", "2"), row(3, "3", "4"));
    }

    @Test
    void ignoresAByteOrderMark() {
        assertThat(Csv.rows("\uFEFFa,b")).containsExactly(row(1, "a", "b"));
    }

    @Test
    void saysWhereAQuoteIsWrong() {
        assertThatThrownBy(() -> Csv.rows("a\n\"b\nc"))
                .hasMessage("line 2: the quote that opens there is never closed");
        assertThatThrownBy(() -> Csv.rows("\"a\"b")).hasMessageStartingWith("line 1: 'b' follows a closing quote");
    }

    private static Row row(int line, String... values) {
        return new Row(line, List.of(values));
    }
}
