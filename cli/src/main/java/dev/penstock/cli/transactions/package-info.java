/** Kafka's transactions as the brokers see them: {@link dev.penstock.cli.transactions.TransactionsCommand}. */
@NullMarked
package dev.penstock.cli.transactions;

import org.jspecify.annotations.NullMarked;
