package dev.penstock.chaos.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PaymentsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Payments payments = new Payments(10, 4);

    @Test
    void theSameNumberIsTheSamePayment() {
        assertThat(payments.record(7, NOW)).isEqualTo(new Payments(10, 4).record(7, NOW));
        assertThat(payments.record(7, NOW)).isNotEqualTo(payments.record(8, NOW));
    }

    @Test
    void anEntityHasOnePartitionAndManyPayments() {
        assertThat(payments.entity(3)).isEqualTo(payments.entity(13)).isNotEqualTo(payments.entity(4));
        assertThat(payments.partition(3)).isEqualTo(payments.partition(13)).isBetween(0, 3);
    }

    @Test
    void oneInAHundredCannotBeAnswered() {
        assertThat(LongStream.range(0, 2_000)
                        .filter(number -> payments.kind(number) == Payments.Kind.GARBAGE)
                        .count())
                .isEqualTo(10);
        assertThat(LongStream.range(0, 2_000)
                        .filter(number -> payments.kind(number) == Payments.Kind.INCOMPLETE)
                        .peek(number -> assertThat(payments.record(number, NOW).get("amount"))
                                .isNull())
                        .count())
                .isEqualTo(10);
    }

    @Test
    void anIdSaysWhichPaymentItIs() {
        assertThat(Payments.number(Payments.id(42))).isEqualTo(42);
        assertThat(Payments.number("payment-x")).isEqualTo(-1);
        assertThat(Payments.number("invoice-1")).isEqualTo(-1);
    }

    @Test
    void theLedgerKnowsWhenEachWasSent() {
        Ledger ledger = new Ledger();
        for (long number = 0; number < 70_000; number++) {
            assertThat(ledger.next(NOW.plusMillis(number))).isEqualTo(number);
        }

        assertThat(ledger.count()).isEqualTo(70_000);
        assertThat(ledger.sentAt(0)).isEqualTo(NOW);
        assertThat(ledger.sentAt(69_999)).isEqualTo(NOW.plusMillis(69_999));
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.sentAt(70_000));
    }
}
