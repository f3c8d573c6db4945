package dev.penstock.data;

import java.time.Instant;
import java.util.Comparator;

/**
 * What one customer does within one day, before the payments of all have been put in order.
 *
 * @param second of the day, from 1 to 86,399
 * @param customer who pays
 * @param number of the payment among those that the customer makes on the day
 */
record Payment(int second, int customer, int number, int terminal, double amount, Transaction.Scenario scenario) {
    static final Comparator<Payment> IN_ORDER = Comparator.comparingInt(Payment::second)
            .thenComparing(Payment::customer)
            .thenComparing(Payment::number);

    Payment fraudulent(Transaction.Scenario reason) {
        return new Payment(second, customer, number, terminal, amount, reason);
    }

    Payment times(int factor) {
        return new Payment(second, customer, number, terminal, hundredths(amount * factor), scenario);
    }

    Transaction asTransaction(long id, Instant midnight) {
        return new Transaction(id, midnight.plusSeconds(second), customer, terminal, amount, scenario);
    }

    static double hundredths(double amount) {
        return Math.round(amount * 100) / 100.0;
    }
}
