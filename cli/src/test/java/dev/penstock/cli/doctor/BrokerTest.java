package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.doctor.Finding.Status;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BrokerTest {
    private static final Instant ASKED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant ANSWERED = ASKED.plusMillis(40);

    @Test
    void countsOnlyWhatTheJourneyOfTheAnswerDoesNotExplain() {
        assertThat(Broker.clock(ASKED, ASKED.plusMillis(20), ANSWERED))
                .isEqualTo(Finding.ok("this clock and Kafka's agree within 40 ms"));
        assertThat(Broker.clock(ASKED, ASKED.minusMillis(60), ANSWERED))
                .isEqualTo(Finding.ok("this clock and Kafka's agree within 100 ms"));
    }

    @Test
    void warnsOfClocksThatDiffer() {
        Finding ahead = Broker.clock(ASKED, ASKED.minus(Duration.ofSeconds(30)), ANSWERED);
        Finding behind = Broker.clock(ASKED, ANSWERED.plus(Duration.ofMinutes(6)), ANSWERED);

        assertThat(ahead.status()).isEqualTo(Status.WARNING);
        assertThat(ahead.what()).isEqualTo("this clock is 30 s ahead of Kafka's");
        assertThat(behind.status()).isEqualTo(Status.PROBLEM);
        assertThat(behind.what()).isEqualTo("this clock is 6 minutes behind Kafka's");
    }
}
