package dev.penstock.cli.transactions;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock transactions}. */
@Command(
        name = "transactions",
        description = {
            "Shows transactions at the brokers, and ends those that nobody will end any more.",
            "Readers of committed records wait at the oldest open transaction of a partition: one that is left behind holds"
                    + " up everything after it until it times out."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock transactions list",
            "  penstock transactions list --state Ongoing --output json",
            "  penstock transactions abort penstock-inference-text-0-17 --yes"
        },
        subcommands = {ListTransactionsCommand.class, AbortCommand.class})
public final class TransactionsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name one of its commands.");
    }
}
