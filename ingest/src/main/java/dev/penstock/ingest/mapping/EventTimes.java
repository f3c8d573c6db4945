package dev.penstock.ingest.mapping;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.concurrent.TimeUnit;
import org.apache.avro.LogicalType;

/** Whatever says when something happened, as milliseconds since 1970-01-01T00:00Z. What has no zone is read as UTC. */
final class EventTimes {
    private static final int SHOWN_CHARACTERS = 64;

    private EventTimes() {}

    /** @throws RejectedRecordException with WRONG_TYPE or INVALID_TIME */
    static long millis(Field field) {
        return switch (field.schema().getType()) {
            case LONG -> ofLong(field, (Long) field.value());
            case INT -> ofInt(field, (Integer) field.value());
            case STRING -> ofText(field, field.value().toString());
            default -> throw unusable(field);
        };
    }

    /**
     * Refuses times that cannot be: before 1970, or later than clocks may differ.
     *
     * @throws RejectedRecordException with INVALID_TIME
     */
    static long plausible(long millis, Instant now, Duration clockSkew) {
        if (millis < 0) {
            throw invalid("Cannot use time %s: it is before 1970".formatted(shown(millis)));
        }
        // Compared as a difference: now plus the skew may not be a number of milliseconds.
        if (millis - now.toEpochMilli() > clockSkew.toMillis()) {
            throw invalid(
                    "Cannot use time %s: it is more than %s after %s; check the producer's clock and the field's unit"
                            .formatted(shown(millis), clockSkew, now));
        }
        return millis;
    }

    private static long ofLong(Field field, long value) {
        LogicalType logical = field.schema().getLogicalType();
        if (logical == null) {
            return value;
        }
        return switch (logical.getName()) {
            case "timestamp-millis", "local-timestamp-millis" -> value;
            case "timestamp-micros", "local-timestamp-micros" -> Math.floorDiv(value, 1_000L);
            case "timestamp-nanos", "local-timestamp-nanos" -> Math.floorDiv(value, 1_000_000L);
            default -> throw unusable(field);
        };
    }

    private static long ofInt(Field field, int value) {
        LogicalType logical = field.schema().getLogicalType();
        if (logical == null || !logical.getName().equals("date")) {
            throw unusable(field);
        }
        return TimeUnit.DAYS.toMillis(value);
    }

    private static long ofText(Field field, String text) {
        try {
            return instant(text).toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw invalid("Cannot use field '%s' as a time: '%s' is not ISO 8601; write it like 2026-01-31T12:00:00Z"
                    .formatted(
                            field.path(),
                            text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) : text));
        }
    }

    private static Instant instant(String text) {
        TemporalAccessor time = text.indexOf('T') < 0
                ? LocalDate.parse(text)
                : DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        if (time instanceof OffsetDateTime zoned) {
            return zoned.toInstant();
        }
        return time instanceof LocalDateTime local
                ? local.toInstant(ZoneOffset.UTC)
                : ((LocalDate) time).atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    private static String shown(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private static RejectedRecordException unusable(Field field) {
        return field.unusable("a timestamp, a date, a long of milliseconds or ISO 8601 text");
    }

    private static RejectedRecordException invalid(String reason) {
        return new RejectedRecordException(DeadLetterCode.INVALID_TIME, reason);
    }
}
