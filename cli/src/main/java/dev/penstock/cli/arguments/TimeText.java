package dev.penstock.cli.arguments;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time as ISO 8601 writes it, {@code 2026-01-31T12:00:00Z}, or as so long ago, {@code 90m}. */
public final class TimeText implements ITypeConverter<Instant> {
    private final DurationText durations = new DurationText();
    private final Clock clock;

    /** By this machine's clock. */
    public TimeText() {
        this(Clock.systemUTC());
    }

    TimeText(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Instant convert(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            try {
                return clock.instant().minus(durations.convert(text));
            } catch (TypeConversionException notADuration) {
                throw new TypeConversionException(
                        "'%s' is not a time; write it like 2026-01-31T12:00:00Z, or so long ago like 90m or P2D"
                                .formatted(text));
            }
        }
    }
}
