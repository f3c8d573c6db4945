package dev.penstock.cli.watching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PartitionOffsetTest {
    private final PartitionOffset.Converter converter = new PartitionOffset.Converter();

    @Test
    void readsPartitionAndOffset() {
        assertThat(converter.convert("3:1500")).isEqualTo(new PartitionOffset(3, 1500));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "3:", ":5", "-1:5", "0:-2", "a:b", "0:1:2", "0:99999999999999999999"})
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("write them like 0:1500");
    }
}
