package dev.penstock.data;

import java.time.Instant;

/**
 * One card payment.
 *
 * @param id its position among the payments of its run, from 0
 * @param time to the second
 * @param customer who pays, from 0
 * @param terminal where, from 0
 * @param amount in units of currency, rounded to hundredths, at least 0
 * @param scenario why it is a fraud, if it is one
 */
public record Transaction(long id, Instant time, int customer, int terminal, double amount, Scenario scenario) {
    /** What happened to a payment, in the handbook's order: where two apply, the later one names it. */
    public enum Scenario {
        GENUINE,
        /** Scenario 1: an amount above 220, the plain pattern that any detector should find. */
        LARGE_AMOUNT,
        /** Scenario 2: all payments at a terminal in the 28 days from its compromise on. */
        COMPROMISED_TERMINAL,
        /** Scenario 3: a third of a customer's payments in the 14 days from a leak on, their amounts fivefold. */
        COMPROMISED_CUSTOMER
    }

    public Transaction {
        if (id < 0 || customer < 0 || terminal < 0) {
            throw new IllegalArgumentException("Cannot number transaction %d (customer %d, terminal %d) below 0"
                    .formatted(id, customer, terminal));
        }
        if (!(amount >= 0 && amount < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "Cannot use transaction %d: its amount %s is not a finite number from 0 on".formatted(id, amount));
        }
    }

    public boolean fraud() {
        return scenario != Scenario.GENUINE;
    }

    /** One of {@link Transactions#LABELS}. */
    public String label() {
        return fraud() ? "fraud" : "genuine";
    }
}
