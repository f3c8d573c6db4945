package dev.penstock.bench.measuring;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.bench.measuring.Window.Sample;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WindowTest {
    private final Window window = new Window(at(0, 0, 0), 1_000);

    @Test
    void startingDoesNotCount() {
        window.add(at(10, 0, 5));
        window.add(at(11, 100, 6));
        window.add(at(14, 1_000, 9));

        assertThat(window.eventsPerSecond()).isCloseTo(300, within(1e-9));
        assertThat(window.length()).isEqualTo(Duration.ofSeconds(3));
        assertThat(window.processorMicrosPerEvent()).isCloseTo(3e6 / 900, within(1e-6));
    }

    @Test
    void theMomentOfTheFirstTenthLiesBetweenTwoLooks() {
        window.add(at(10, 0, 0));
        window.add(at(12, 200, 4));
        window.add(at(16, 1_000, 12));

        assertThat(window.length()).isEqualTo(Duration.ofSeconds(5));
        assertThat(window.eventsPerSecond()).isCloseTo(180, within(1e-9));
        assertThat(window.processorMicrosPerEvent()).isCloseTo(10e6 / 900, within(1e-6));
    }

    @Test
    void itIsCompleteWhenEveryAnswerIsThere() {
        window.add(at(1, 999, 0));
        assertThat(window.isComplete()).isFalse();

        window.add(at(2, 1_000, 0));
        assertThat(window.isComplete()).isTrue();
    }

    private static Sample at(long second, long answers, long processorSeconds) {
        return new Sample(SECONDS.toNanos(second), answers, SECONDS.toNanos(processorSeconds));
    }
}
