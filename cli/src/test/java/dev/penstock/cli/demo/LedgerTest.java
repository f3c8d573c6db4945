package dev.penstock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.cli.demo.events.Mailing;
import dev.penstock.cli.demo.events.RunNumber;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final List<DemoEvent> events = new Mailing(RunNumber.only()).good(3, NOON, 1);
    private final Ledger ledger = new Ledger();

    @Test
    void isSettledWhenEveryEventHasAnOutcome() {
        send(0, 10);
        send(1, 11);

        ledger.predicted(prediction(10), NOON);
        ledger.deadLettered(deadLetter(11));

        assertThat(ledger.isSettled()).isTrue();
        assertThat(ledger.missing()).isEmpty();
    }

    @Test
    void namesTheEventsWithoutAnOutcome() {
        send(0, 10);
        send(1, 11);

        ledger.predicted(prediction(10), NOON);

        assertThat(ledger.isSettled()).isFalse();
        assertThat(ledger.missing()).containsExactly(events.get(1).id());
    }

    @Test
    void isNotSettledWhileAnEventIsOnItsWay() {
        ledger.sending();

        assertThat(ledger.isSettled()).isFalse();
    }

    @Test
    void expectsARepetitionToBeDroppedOnceItsEventIsAnswered() {
        send(0, 10);
        send(0, 14);

        ledger.predicted(prediction(14), NOON);

        assertThat(ledger.missing()).isEmpty();
        assertThat(ledger.repetitionsWithoutOutcome()).isEqualTo(1);
    }

    @Test
    void countsASecondOutcomeAsDoubled() {
        send(0, 10);

        ledger.predicted(prediction(10), NOON);
        ledger.deadLettered(deadLetter(10));

        assertThat(ledger.tally().doubled()).isEqualTo(1);
    }

    @Test
    void measuresFromSendingToTheOutcomesWriting() {
        send(0, 10);

        ledger.predicted(prediction(10), NOON.plusMillis(42));

        assertThat(ledger.tally().latency(0.5)).hasValue(42);
    }

    private void send(int event, long offset) {
        ledger.sending();
        ledger.sent(events.get(event), 0, offset, NOON);
    }

    private static Prediction prediction(long offset) {
        return Prediction.newBuilder()
                .setPredictionId("prediction-" + offset)
                .setRequestId("request-" + offset)
                .setPipeline("spam")
                .setEntityId("mailbox-1")
                .setEventTime(NOON)
                .setOrigin(new Origin("mail.received", 0, offset))
                .setModel("spam")
                .setModelVersion(1)
                .setBundleDigest("0".repeat(64))
                .setOutcome(new Decision("ham", 0.9, List.of("ham")))
                .setScores(Map.of("ham", 0.9F, "spam", 0.1F))
                .setThreshold(0.5)
                .setPolicyVersion(1)
                .setTiming(new Timing(NOON, NOON, NOON, 1L, 1L, 1))
                .build();
    }

    private static DeadLetter deadLetter(long offset) {
        return new DeadLetter(
                DeadLetterCode.INVALID_TEXT,
                "Cannot read",
                "",
                new Origin("mail.received", 0, offset),
                Optional.empty(),
                "ingest",
                Optional.empty(),
                Optional.empty());
    }
}
