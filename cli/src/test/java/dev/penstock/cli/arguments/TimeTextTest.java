package dev.penstock.cli.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class TimeTextTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    private final TimeText times = new TimeText(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void aTimeIsWrittenInFullOrAsSoLongAgo() {
        assertThat(times.convert("2026-01-30T08:15:00Z")).isEqualTo(Instant.parse("2026-01-30T08:15:00Z"));
        assertThat(times.convert("90m")).isEqualTo(NOW.minus(Duration.ofMinutes(90)));
        assertThat(times.convert("P2D")).isEqualTo(NOW.minus(Duration.ofDays(2)));
    }

    @Test
    void whatIsNoTimeIsRefusedWithBothWaysToWriteOne() {
        assertThatThrownBy(() -> times.convert("yesterday"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage(
                        "'yesterday' is not a time; write it like 2026-01-31T12:00:00Z, or so long ago like 90m or P2D");
        assertThatThrownBy(() -> times.convert("-1h")).isInstanceOf(TypeConversionException.class);
    }
}
