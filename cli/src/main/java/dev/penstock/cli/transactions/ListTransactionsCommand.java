package dev.penstock.cli.transactions;

import dev.penstock.cli.arguments.DurationText;
import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock transactions list}. */
@Command(
        name = "list",
        description = {
            "Lists transactional ids and what is open under them, the oldest first; and what is open in the platform's"
                    + " topics though no coordinator knows of it.",
            "HANGING is what has been open for longer than anybody needs."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock transactions list", "  penstock transactions list --all --hanging-after 1m"})
final class ListTransactionsCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final TransactionSelection selection = new TransactionSelection();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--open", description = "Leave out ids under which nothing is open.")
    private boolean openOnly;

    private final Clock clock = Clock.systemUTC();

    /** @param place of what no coordinator knows: {@code TOPIC:PARTITION:OFFSET} */
    private record Row(
            Optional<String> id,
            Optional<String> place,
            long producerId,
            String state,
            Optional<Duration> age,
            boolean isHanging,
            String timeout,
            Set<TopicPartition> partitions) {}

    @Override
    public Integer call() throws InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (Admin admin = connection.admin()) {
            Transactions transactions = new Transactions(admin);
            List<OpenTransaction> known = transactions.thatBegin("");
            known.stream()
                    .filter(each -> selection.isOfPlatform(each.id()) && (each.isOpen() || !openOnly))
                    .map(this::row)
                    .forEach(rows::add);
            for (Transactions.InPartition open : transactions.openIn(TransactionSelection.topics())) {
                if (known.stream()
                        .noneMatch(each -> each.isOpen()
                                && each.producerId() == open.producer().producerId())) {
                    rows.add(row(open));
                }
            }
        }
        Table table = Table.withColumns("ID OR PLACE", "PRODUCER", "STATE", "OPEN FOR", "", "TIMEOUT", "WRITTEN TO");
        rows.forEach(row -> table.row(
                row.id().or(row::place).orElseThrow(),
                row.producerId(),
                row.state(),
                row.age().map(ListTransactionsCommand::written).orElse(""),
                row.isHanging() ? "HANGING" : "",
                row.timeout(),
                row.partitions().stream().map(TopicPartition::toString).collect(Collectors.joining(" "))));
        output.result(rows.stream().map(ListTransactionsCommand::json).toList(), table);
        long hanging = rows.stream().filter(Row::isHanging).count();
        if (hanging > 0) {
            output.note(
                    "Hanging: %d. Does their job run? A job that goes on ends its own; 'penstock transactions abort'"
                                    .formatted(hanging)
                            + " ends those of a job that will not come back.");
        }
        return ExitCode.DONE;
    }

    private Row row(OpenTransaction known) {
        return new Row(
                Optional.of(known.id()),
                Optional.empty(),
                known.producerId(),
                known.state().toString(),
                known.age(clock),
                known.isHanging(clock, selection.longest()),
                written(known.timeout()),
                known.partitions());
    }

    private Row row(Transactions.InPartition open) {
        Duration age = Duration.between(open.lastWritten(), clock.instant());
        return new Row(
                Optional.empty(),
                Optional.of(AbortCommand.place(open)),
                open.producer().producerId(),
                TransactionState.UNKNOWN.toString(),
                Optional.of(age),
                // Nobody will end it: no coordinator knows of it. The first moments are those of a commit.
                age.compareTo(Duration.ofMinutes(1)) > 0,
                "",
                Set.of(open.partition()));
    }

    private static String written(Duration duration) {
        return DurationText.of(duration.truncatedTo(ChronoUnit.SECONDS));
    }

    private static Map<String, @Nullable Object> json(Row row) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", row.id().orElse(null));
        json.put("place", row.place().orElse(null));
        json.put("producerId", row.producerId());
        json.put("state", row.state());
        json.put("openForSeconds", row.age().map(Duration::toSeconds).orElse(null));
        json.put("hanging", row.isHanging());
        json.put(
                "partitions",
                row.partitions().stream().map(TopicPartition::toString).toList());
        return json;
    }
}
