package dev.penstock.cli.demo.events;

import dev.penstock.data.Transaction;
import dev.penstock.data.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/**
 * The days of a small world of cards and terminals, in order: those before the stream begins, those that are streamed, and
 * a week that is never sent. What is streamed in minutes happened in the days before now, so that no payment lies ahead.
 */
public final class PaymentDays {
    /** A smaller world than the handbook's: as many frauds a day, among fewer payments. */
    private static final int CUSTOMERS = 500;

    private static final int TERMINALS = 1_000;
    /** Fewer than there are, so that so many days have enough. */
    private static final int PAYMENTS_A_DAY = 2 * CUSTOMERS;
    /** The longest window and its delay, and a week that is like what comes. */
    private static final int PAST_DAYS = 44;

    /** The last of those, which a first model learns from. */
    private static final int LESSON_DAYS = 1;

    /** The last of those, which are like what comes. */
    private static final int USUAL_DAYS = 7;

    /** That are never sent. */
    private static final int LATER_DAYS = 7;

    private final long seed;
    private final int streamedDays;
    private final Instant first;

    /**
     * @param count payments that are to be streamed
     * @param now when the stream begins
     */
    public PaymentDays(long seed, int count, Instant now) {
        this.seed = seed;
        this.streamedDays = 2 + count / PAYMENTS_A_DAY;
        this.first = now.truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(PAST_DAYS + streamedDays));
    }

    /** The first moment of those that are streamed. */
    public Instant streamStart() {
        return day(PAST_DAYS);
    }

    /** What happened before the stream begins. */
    public List<Transaction> past() {
        return until(PAST_DAYS).toList();
    }

    /** Whether a first model learns from payments of the time: it is of the last day before the stream begins. */
    public boolean isLesson(Instant time) {
        return isOf(time, PAST_DAYS - LESSON_DAYS, PAST_DAYS);
    }

    /** Whether it is a time of the last week before the stream begins. */
    public boolean isUsual(Instant time) {
        return isOf(time, PAST_DAYS - USUAL_DAYS, PAST_DAYS);
    }

    /** What happens while it streams, the earliest first. */
    Stream<Transaction> streamed() {
        return until(PAST_DAYS + streamedDays)
                .filter(payment -> isOf(payment.time(), PAST_DAYS, PAST_DAYS + streamedDays));
    }

    /** All days, those that are never sent among them. */
    List<Transaction> all() {
        return until(PAST_DAYS + streamedDays + LATER_DAYS).toList();
    }

    /** Whether the payment is one that is never sent. */
    boolean isLater(Transaction payment) {
        return !payment.time().isBefore(day(PAST_DAYS + streamedDays));
    }

    private Stream<Transaction> until(int days) {
        return Transactions.generate(first, seed, CUSTOMERS, TERMINALS, days);
    }

    private boolean isOf(Instant time, int from, int to) {
        return !time.isBefore(day(from)) && time.isBefore(day(to));
    }

    private Instant day(int number) {
        return first.plus(Duration.ofDays(number));
    }
}
