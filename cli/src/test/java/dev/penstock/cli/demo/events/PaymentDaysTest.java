package dev.penstock.cli.demo.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.data.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PaymentDaysTest {
    private static final Instant NOW = Instant.parse("2026-03-04T15:16:17Z");
    private static final int COUNT = 18_000;

    private final PaymentDays days = new PaymentDays(1, COUNT, NOW);

    @Test
    void whatIsStreamedHappenedAfterThePastAndBeforeNow() {
        List<Transaction> past = days.past();
        List<Transaction> streamed = days.streamed().toList();

        assertThat(streamed).hasSizeGreaterThan(COUNT);
        assertThat(past.get(past.size() - 1).time()).isBefore(streamed.get(0).time());
        assertThat(streamed).allMatch(payment -> payment.time().isBefore(NOW));
    }

    @Test
    void whatIsLaterIsNeverSent() {
        Set<Long> sent = days.streamed().map(Transaction::id).collect(Collectors.toSet());
        days.past().forEach(payment -> sent.add(payment.id()));

        List<Transaction> later = days.all().stream().filter(days::isLater).toList();

        assertThat(later).hasSizeGreaterThan(5_000).noneMatch(payment -> sent.contains(payment.id()));
    }

    @Test
    void theFirstLessonIsTheLastDayOfThePast() {
        List<Transaction> lesson = days.past().stream()
                .filter(payment -> days.isLesson(payment.time()))
                .toList();

        assertThat(Duration.between(
                        lesson.get(0).time(),
                        days.streamed().findFirst().orElseThrow().time()))
                .isBetween(Duration.ofHours(22), Duration.ofHours(26));
    }
}
