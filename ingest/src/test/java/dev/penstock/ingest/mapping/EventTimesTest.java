package dev.penstock.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.FieldPath;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.Schema;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimesTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.123Z");

    @ParameterizedTest
    @CsvSource({
        "timestamp-millis,       1772366400123",
        "timestamp-micros,       1772366400123456",
        "timestamp-nanos,        1772366400123456789",
        "local-timestamp-millis, 1772366400123",
        "local-timestamp-micros, 1772366400123456",
        "local-timestamp-nanos,  1772366400123456789"
    })
    void readsEveryKindOfTimestamp(String logicalType, long value) {
        assertThat(EventTimes.millis(logical("long", logicalType, value))).isEqualTo(TIME.toEpochMilli());
    }

    @Test
    void aPlainLongIsMilliseconds() {
        assertThat(EventTimes.millis(field("\"long\"", TIME.toEpochMilli()))).isEqualTo(TIME.toEpochMilli());
    }

    @Test
    void aDateIsItsMidnightInUtc() {
        assertThat(EventTimes.millis(logical("int", "date", 20_513)))
                .isEqualTo(Instant.parse("2026-03-01T00:00:00Z").toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:00.123Z,             2026-03-01T12:00:00.123Z",
        "2026-03-01T13:00:00.123+01:00,        2026-03-01T12:00:00.123Z",
        "2026-03-01T12:00:00.123456789Z,       2026-03-01T12:00:00.123Z",
        "2026-03-01T12:00:00.123,              2026-03-01T12:00:00.123Z",
        "2026-03-01T12:00:00+01:00[Europe/Zurich], 2026-03-01T11:00:00Z",
        "2026-03-01T12:00,                     2026-03-01T12:00:00Z",
        "2026-03-01,                           2026-03-01T00:00:00Z"
    })
    void readsIso8601AndTakesUtcWhereItNamesNoZone(String text, Instant expected) {
        assertThat(EventTimes.millis(field("\"string\"", new Utf8(text)))).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "1772366400123",
                "2026-02-30T12:00:00Z",
                "2026-03-01 12:00:00",
                "2026-03-01T25:00:00Z",
                "T",
                "+999999999-12-31T23:59:59Z"
            })
    void otherTextIsNoTime(String text) {
        assertThatThrownBy(() -> EventTimes.millis(field("\"string\"", new Utf8(text))))
                .isInstanceOfSatisfying(RejectedRecordException.class, rejected -> assertThat(rejected.code())
                        .isEqualTo(DeadLetterCode.INVALID_TIME))
                .hasMessageContaining("is not ISO 8601; write it like 2026-01-31T12:00:00Z");
    }

    @Test
    void doesNotRepeatLongTexts() {
        assertThatThrownBy(() -> EventTimes.millis(field("\"string\"", new Utf8("x".repeat(10_000)))))
                .message()
                .hasSizeLessThan(200);
    }

    @Test
    void otherTypesAreWrong() {
        assertWrongType(field("\"double\"", 1.7e9));
        assertWrongType(field("\"int\"", 1_772_366_400));
        assertWrongType(field("\"boolean\"", true));
        assertWrongType(logical("int", "time-millis", 1));
        assertWrongType(logical("long", "time-micros", 1L));
    }

    @Test
    void aTimeMayBeAsFarInTheFutureAsClocksDiffer() {
        Duration skew = Duration.ofMinutes(5);
        long latest = TIME.plus(skew).toEpochMilli();

        assertThat(EventTimes.plausible(latest, TIME, skew)).isEqualTo(latest);
        assertThat(EventTimes.plausible(0, TIME, skew)).isZero();
        assertImplausible(latest + 1, skew, "it is more than PT5M after 2026-03-01T12:00:00.123Z");
        assertImplausible(Long.MAX_VALUE, skew, "check the producer's clock and the field's unit");
        assertImplausible(-1, skew, "it is before 1970");
        assertImplausible(Long.MIN_VALUE, skew, "it is before 1970");
    }

    private static void assertImplausible(long millis, Duration skew, String reason) {
        assertThatThrownBy(() -> EventTimes.plausible(millis, TIME, skew))
                .isInstanceOfSatisfying(RejectedRecordException.class, rejected -> assertThat(rejected.code())
                        .isEqualTo(DeadLetterCode.INVALID_TIME))
                .hasMessageContaining(reason);
    }

    private static void assertWrongType(Field field) {
        assertThatThrownBy(() -> EventTimes.millis(field))
                .isInstanceOfSatisfying(RejectedRecordException.class, rejected -> assertThat(rejected.code())
                        .isEqualTo(DeadLetterCode.WRONG_TYPE));
    }

    private static Field logical(String type, String logicalType, Object value) {
        return field("{\"type\": \"%s\", \"logicalType\": \"%s\"}".formatted(type, logicalType), value);
    }

    private static Field field(String schema, Object value) {
        return new Field(FieldPath.parse("at"), value, new Schema.Parser().parse(schema));
    }
}
