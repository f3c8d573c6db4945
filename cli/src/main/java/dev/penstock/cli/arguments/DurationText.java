package dev.penstock.cli.arguments;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as configuration files write them, {@code PT1M30S}, and as people do, {@code 90s} or {@code 1m30s}. */
public final class DurationText implements ITypeConverter<Duration> {
    /** As people write it, such as {@code 1m30s}. */
    public static String of(Duration duration) {
        return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    @Override
    public Duration convert(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        try {
            Duration duration = Duration.parse(upper.startsWith("P") ? upper : "PT" + upper);
            if (duration.isNegative()) {
                throw new TypeConversionException("%s is negative; use a duration such as 15s".formatted(text));
            }
            return duration;
        } catch (DateTimeParseException e) {
            throw new TypeConversionException("'%s' is not a duration; write it like 15s, 2m or PT15S".formatted(text));
        }
    }
}
