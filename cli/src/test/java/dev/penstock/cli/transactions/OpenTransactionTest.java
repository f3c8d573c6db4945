package dev.penstock.cli.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OpenTransactionTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @Test
    void hangsOnceItIsOpenForLongerThanAnybodyNeeds() {
        OpenTransaction transaction = transaction(TransactionState.ONGOING, NOW.minus(Duration.ofMinutes(16)));

        assertThat(transaction.age(CLOCK)).contains(Duration.ofMinutes(16));
        assertThat(transaction.isHanging(CLOCK, Duration.ofMinutes(15))).isTrue();
        assertThat(transaction.isHanging(CLOCK, Duration.ofMinutes(16))).isFalse();
    }

    @Test
    void whatHasEndedDoesNotHangHoweverOldItIs() {
        OpenTransaction transaction = transaction(TransactionState.COMPLETE_COMMIT, NOW.minus(Duration.ofDays(1)));

        assertThat(transaction.isOpen()).isFalse();
        assertThat(transaction.age(CLOCK)).isEmpty();
        assertThat(transaction.isHanging(CLOCK, Duration.ofMinutes(15))).isFalse();
    }

    @Test
    void namesItsPartitionsInOrder() {
        assertThat(transaction(TransactionState.ONGOING, NOW).partitions())
                .extracting(TopicPartition::toString)
                .containsExactly("alerts-0", "predictions-0", "predictions-2");
    }

    private static OpenTransaction transaction(TransactionState state, Instant startedAt) {
        return new OpenTransaction(
                "penstock-inference-0",
                state,
                7,
                1,
                Optional.of(startedAt),
                Duration.ofMinutes(14),
                Set.of(
                        new TopicPartition("predictions", 2),
                        new TopicPartition("alerts", 0),
                        new TopicPartition("predictions", 0)));
    }
}
