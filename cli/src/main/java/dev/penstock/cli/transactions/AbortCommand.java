package dev.penstock.cli.transactions;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock transactions abort}. */
@Command(
        name = "abort",
        description = {
            "Ends an open transaction. What was written in it is never seen by readers of committed records: a job that had"
                    + " a checkpoint of it cannot commit it any more, and those records are lost unless it starts from an"
                    + " earlier one.",
            "A job that still runs under the id is shut out of it, fails, and starts again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock transactions abort penstock-inference-text-0-17 --yes",
            "  penstock transactions abort --at predictions:2:15000 --yes"
        })
final class AbortCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int LOOK_MILLIS = 100;

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final TransactionSelection selection = new TransactionSelection();

    @Mixin
    private final Output output = new Output();

    @Parameters(arity = "0..1", paramLabel = "ID", description = "Transactional id, as 'list' names it.")
    private @Nullable String id;

    @Option(
            names = "--at",
            paramLabel = "TOPIC:PARTITION:OFFSET",
            description =
                    "Instead of an id: the one that begins there, of which no coordinator knows; as 'list' names it.")
    private @Nullable String place;

    @Option(names = "--yes", description = "Do it: without this it is only said what would be done.")
    private boolean confirmed;

    @Override
    public Integer call() throws InterruptedException {
        if ((id == null) == (place == null)) {
            throw CommandException.misused(
                    "Cannot abort: name one transaction",
                    "By its id or by --at; 'penstock transactions list' names both.");
        }
        try (Admin admin = connection.admin()) {
            Transactions transactions = new Transactions(admin);
            if (id != null) {
                abort(id, transactions);
            } else {
                abortAt(String.valueOf(place), transactions);
            }
        }
        return ExitCode.DONE;
    }

    private void abort(String named, Transactions transactions) throws InterruptedException {
        if (!selection.isOfPlatform(named)) {
            throw CommandException.misused(
                    "Cannot abort '%s': it is not one of the platform's, which begin with '%s'"
                            .formatted(named, selection.begin()),
                    "Add --all if it is meant.");
        }
        OpenTransaction open = transactions
                .named(named)
                .orElseThrow(() -> CommandException.failed(
                        "Cannot abort '%s': the brokers know no such transactional id".formatted(named),
                        "'penstock transactions list' names those that they know.",
                        null));
        if (!open.isOpen()) {
            output.line(
                    new Result(named, "nothing is open"),
                    "%s: nothing is open, its state is %s".formatted(named, open.state()));
            return;
        }
        requireYes("'%s', which has written to %s".formatted(named, open.partitions()));
        transactions.fence(named);
        awaitEnd(open, transactions);
        output.line(new Result(named, "aborted"), "%s: aborted".formatted(named));
    }

    /** For the output as JSON. */
    record Result(String transaction, String done) {}

    private static void awaitEnd(OpenTransaction open, Transactions transactions) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (transactions.named(open.id()).filter(OpenTransaction::isOpen).isPresent()) {
            if (System.nanoTime() > deadline) {
                throw CommandException.failed(
                        "Cannot tell that '%s' has ended: it is still open after %s".formatted(open.id(), PATIENCE),
                        "The brokers were told to abort it; 'penstock transactions list' shows when they have.",
                        null);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private void abortAt(String named, Transactions transactions) throws InterruptedException {
        List<Transactions.InPartition> open = transactions.openIn(TransactionSelection.topics());
        Optional<Transactions.InPartition> found =
                open.stream().filter(each -> place(each).equals(named)).findFirst();
        if (found.isEmpty()) {
            throw CommandException.failed(
                    "Cannot abort what begins at '%s': nothing is open there".formatted(named),
                    open.isEmpty()
                            ? "Nothing is open in the platform's topics."
                            : "Open are %s."
                                    .formatted(open.stream()
                                            .map(AbortCommand::place)
                                            .toList()),
                    null);
        }
        requireYes("what producer %d has open at '%s'"
                .formatted(found.get().producer().producerId(), named));
        transactions.abort(found.get());
        output.line(new Result(named, "aborted"), "%s: aborted".formatted(named));
    }

    static String place(Transactions.InPartition open) {
        return "%s:%d:%d".formatted(open.partition().topic(), open.partition().partition(), open.startOffset());
    }

    private void requireYes(String what) {
        if (!confirmed) {
            throw CommandException.misused(
                    "Cannot abort without being told twice: this would end %s".formatted(what),
                    "Add --yes. Is its job gone for good? One that goes on from its checkpoint ends its own.");
        }
    }
}
