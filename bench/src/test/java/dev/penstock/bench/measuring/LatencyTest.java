package dev.penstock.bench.measuring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.bench.measuring.OpenLoop.Course;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatencyTest {
    private static final long MILLI = 1_000_000;

    @Test
    void takesThePercentilesByNearestRank() {
        long[] nanos = LongStream.rangeClosed(1, 1_000)
                .map(number -> (1_001 - number) * MILLI)
                .toArray();

        assertThat(Latency.of(nanos, 1_000)).isEqualTo(new Latency(500, 990, 999));
    }

    @Test
    void looksAtNoMoreThanWasCounted() {
        assertThat(Latency.of(new long[] {3 * MILLI, 7 * MILLI, 0, 0}, 2)).isEqualTo(new Latency(3, 7, 7));
    }

    @Test
    void anAnswerThatNeverCameIsEndlesslyLate() {
        Course course = new Course(new long[] {10, 20, 30}, new long[] {11, 0, 31}, new int[3], 0);

        assertThat(course.lost()).isEqualTo(1);
        assertThat(course.latency(0, 100).p99()).isInfinite();
    }

    @Test
    void countsWhatWasDueInTheGivenTimeAlone() {
        Course course = new Course(
                new long[] {0, 10 * MILLI, 20 * MILLI}, new long[] {90 * MILLI, 11 * MILLI, 25 * MILLI}, new int[3], 0);

        assertThat(course.latency(10 * MILLI, 21 * MILLI)).isEqualTo(new Latency(1, 5, 5));
    }
}
