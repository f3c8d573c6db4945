package dev.penstock.data;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Card payments from a simulator with the rules and parameters of the Fraud Detection Handbook (Le Borgne, Siblini,
 * Lebichot and Bontempi, Reproducible Machine Learning for Credit Card Fraud Detection, 2022, chapter 3).
 *
 * <p>The handbook's own set has 5,000 customers, 10,000 terminals and 183 days: 1,754,155 payments, 0.84 % of them
 * frauds. A day compromises 2 terminals and 3 customers whatever their number, so that fewer of them mean more fraud.
 */
public final class Transactions {
    /** Every label. */
    public static final List<String> LABELS = List.of("genuine", "fraud");

    /** When day 0 begins, if nobody says otherwise. */
    public static final Instant START = Instant.parse("2025-01-01T00:00:00Z");

    private Transactions() {}

    /**
     * The payments of the first days, in the order of their times. A day is drawn when the stream reaches it, and the
     * same numbers give the same payments: those of fewer days are the beginning of those of more days.
     *
     * @param customers at least 3; a customer with no terminal within reach makes no payments
     * @param terminals at least 2
     * @param days at least 0
     * @return a sequential stream, which needs no closing
     */
    public static Stream<Transaction> generate(long seed, int customers, int terminals, int days) {
        return generate(START, seed, customers, terminals, days);
    }

    /**
     * The same, of other days.
     *
     * @param start when day 0 begins
     */
    public static Stream<Transaction> generate(Instant start, long seed, int customers, int terminals, int days) {
        if (days < 0) {
            throw new IllegalArgumentException("Cannot generate %d days of transactions".formatted(days));
        }
        Population population = new Population(seed, customers, terminals);
        AtomicLong ids = new AtomicLong();
        return IntStream.range(0, days).boxed().flatMap(day -> {
            Instant midnight = start.plus(Duration.ofDays(day));
            return population.paymentsOn(day).stream()
                    .map(payment -> payment.asTransaction(ids.getAndIncrement(), midnight));
        });
    }
}
