package dev.penstock.cli.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationTextTest {
    private final DurationText text = new DurationText();

    @Test
    void readsBothSpellings() {
        assertThat(text.convert("PT1M30S")).isEqualTo(Duration.ofSeconds(90));
        assertThat(text.convert("1m30s")).isEqualTo(Duration.ofSeconds(90));
        assertThat(text.convert("0.5s")).isEqualTo(Duration.ofMillis(500));
        assertThat(text.convert("P1D")).isEqualTo(Duration.ofDays(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"15", "soon", "", "-5s"})
    void refusesAnythingElse(String written) {
        assertThatThrownBy(() -> text.convert(written)).isInstanceOf(TypeConversionException.class);
    }
}
