package dev.penstock.retrain.labels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.retrain.labels.LabelPart.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.junit.jupiter.api.Test;

class ReadingProgressTest {
    private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final TickedClock clock = new TickedClock();
    private final ReadingProgress progress = new ReadingProgress(Duration.ofMinutes(1), clock);
    private final Told told = new Told();

    @Test
    void nobodyIsSilentBeforeWhatWasSaidAtThatTimeHasBeenRead() {
        happens(-10 * HOUR);
        emit();
        assertThat(told.watermark).isLessThan(START - 100 * HOUR);

        says(-20 * HOUR);
        emit();
        assertThat(told.watermark).isEqualTo(START - 20 * HOUR - 60_000);
        says(-5 * HOUR);
        emit();

        assertThat(told.watermark).isEqualTo(START - 10 * HOUR - 60_000);
    }

    @Test
    void feedbackThatDoesNotComeHoldsNothingUpForLong() {
        says(-20 * HOUR);
        happens(-10 * HOUR);
        clock.now += ReadingProgress.QUIET.toMillis();

        emit();

        assertThat(told.watermark).isEqualTo(START - 10 * HOUR - 60_000);
    }

    @Test
    void whereThereIsFeedbackOnlyItTellsTheTime() {
        says(-20 * HOUR);

        emit();

        assertThat(told.watermark).isEqualTo(START - 20 * HOUR - 60_000);
    }

    @Test
    void noTimeIsBelievedThatLiesAheadOfItsRecordOrOfNow() {
        says(0);
        progress.onEvent(part(Kind.REQUEST, START - 3 * HOUR, START + 1_000 * HOUR), 0, told);
        emit();
        assertThat(told.watermark).isEqualTo(START - 3 * HOUR - 60_000);

        progress.onEvent(part(Kind.REQUEST, START + 1_000 * HOUR, START + 1_000 * HOUR), 0, told);
        progress.onEvent(part(Kind.LABEL, START + 1_000 * HOUR, Long.MAX_VALUE), 0, told);
        emit();

        assertThat(told.watermark).isEqualTo(START - 60_000);
    }

    private void happens(long offset) {
        progress.onEvent(part(Kind.REQUEST, START, START + offset), 0, told);
    }

    private void says(long offset) {
        progress.onEvent(part(Kind.LABEL, START, START + offset), 0, told);
    }

    private void emit() {
        progress.onPeriodicEmit(told);
    }

    private static LabelPart part(Kind kind, long timestamp, long eventTime) {
        return new LabelPart("fraud", "id-1", kind, timestamp, eventTime, new byte[0]);
    }

    private static final class TickedClock extends Clock {
        private long now = START;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now);
        }
    }

    private static final class Told implements WatermarkOutput {
        private long watermark = Long.MIN_VALUE;

        @Override
        public void emitWatermark(Watermark emitted) {
            watermark = emitted.getTimestamp();
        }

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}
    }
}
