package dev.penstock.chaos.judging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecoveriesTest {
    private static final Instant KILL = Instant.parse("2026-01-01T00:00:00Z");

    private final Recoveries recoveries = new Recoveries(2);

    private static Instant after(long seconds) {
        return KILL.plusSeconds(seconds);
    }

    @Test
    void everyPartitionMustAnswerWhatWasSentAfterTheKill() {
        Recoveries.Recovery recovery = recoveries.await(KILL);
        recoveries.outcome(0, after(1), after(2));
        assertThat(recovery.time()).isEmpty();

        recoveries.outcome(1, after(1), after(7));
        assertThat(recovery.time()).contains(Duration.ofSeconds(7));
    }

    @Test
    void whatWasOnItsWayProvesNothing() {
        Recoveries.Recovery recovery = recoveries.await(KILL);
        recoveries.outcome(0, after(-1), after(1));
        recoveries.outcome(1, KILL, after(1));

        assertThat(recovery.time()).isEmpty();
    }

    /** A JobManager's end: its tasks answer for a while. */
    @Test
    void whatWasSentBeforeAFaultStruckProvesNothing() {
        Recoveries.Recovery recovery = recoveries.await(KILL, after(10));
        recoveries.outcome(0, after(1), after(2));
        recoveries.outcome(1, after(10), after(11));
        assertThat(recovery.time()).isEmpty();

        recoveries.outcome(0, after(11), after(12));
        recoveries.outcome(1, after(11), after(13));
        assertThat(recovery.time()).contains(Duration.ofSeconds(13));
    }

    @Test
    void theFirstTimeCounts() {
        Recoveries.Recovery recovery = recoveries.await(KILL);
        recoveries.outcome(0, after(1), after(3));
        recoveries.outcome(1, after(1), after(3));
        recoveries.outcome(1, after(5), after(6));

        assertThat(recovery.time()).contains(Duration.ofSeconds(3));
    }

    @Test
    void killsAreWaitedForSideBySide() {
        Recoveries.Recovery first = recoveries.await(KILL);
        Recoveries.Recovery second = recoveries.await(after(4));
        recoveries.outcome(0, after(1), after(5));
        recoveries.outcome(1, after(1), after(5));
        recoveries.outcome(0, after(6), after(8));
        recoveries.outcome(1, after(6), after(9));

        assertThat(first.time()).contains(Duration.ofSeconds(5));
        assertThat(second.time()).contains(Duration.ofSeconds(5));
    }

    @Test
    void theLongestSilenceIsAskedForAnew() {
        recoveries.outcome(0, KILL, after(1));
        recoveries.outcome(0, KILL, after(9));
        recoveries.outcome(0, KILL, after(10));

        assertThat(recoveries.longestSilence()).isEqualTo(Duration.ofSeconds(8));
        assertThat(recoveries.longestSilence()).isZero();
    }
}
