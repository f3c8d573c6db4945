package dev.penstock.cli.letters;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock dead-letters list}. */
@Command(
        name = "list",
        description = {
            "Lists dead letters, the newest last, and counts them by their codes.",
            "Times are of the letters' records: ingest keeps the original's, the jobs write when they gave up."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock dead-letters list --since 2h",
            "  penstock dead-letters list --pipeline spam --reason MISSING_FIELD,WRONG_TYPE",
            "  penstock dead-letters list --topic requests.image --output json | jq .[].reason"
        })
final class ListLettersCommand implements Callable<Integer> {
    private static final int LONGEST_REASON = 100;

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final LetterSelection selection = new LetterSelection();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "List the newest of them only (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    /** Without the bytes: there may be many. */
    private record Row(String place, Instant time, DeadLetter content, long bytes, boolean isOmitted) {}

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1) {
            throw CommandException.misused("Cannot list %d dead letters".formatted(limit), "Use 1 or more.");
        }
        PriorityQueue<Row> newest = new PriorityQueue<>(Comparator.comparing(Row::time));
        Map<DeadLetterCode, Long> counts = new EnumMap<>(DeadLetterCode.class);
        new LetterTopic(connection).read(selection, letter -> {
            counts.merge(letter.content().code(), 1L, Long::sum);
            newest.add(new Row(
                    letter.place().toString(),
                    letter.time(),
                    letter.content(),
                    letter.bytes(),
                    letter.omittedBytes().isPresent()));
            if (newest.size() > limit) {
                newest.poll();
            }
        });
        List<Row> rows = newest.stream().sorted(Comparator.comparing(Row::time)).toList();
        print(rows);
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        String byCode = counts.entrySet().stream()
                .map(count -> "%,d %s".formatted(count.getValue(), count.getKey()))
                .collect(Collectors.joining(", "));
        output.note(
                all == 0
                        ? "There are none."
                        : "%,d in all: %s%s"
                                .formatted(
                                        all,
                                        byCode,
                                        all > rows.size() ? "; the newest %,d are listed".formatted(rows.size()) : ""));
        return ExitCode.DONE;
    }

    private void print(List<Row> rows) {
        Table table = Table.withColumns("LETTER", "TIME", "CODE", "PIPELINE", "REQUEST", "RECORD", "BYTES", "REASON");
        for (Row row : rows) {
            DeadLetter content = row.content();
            table.row(
                    row.place(),
                    row.time(),
                    content.code(),
                    content.pipeline().orElse(""),
                    content.requestId().orElse(""),
                    written(content.from()),
                    row.isOmitted() ? row.bytes() + " there" : row.bytes(),
                    shortened(content.reason()));
        }
        output.result(rows.stream().map(ListLettersCommand::json).toList(), table);
    }

    private static Map<String, @Nullable Object> json(Row row) {
        DeadLetter content = row.content();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("letter", row.place());
        json.put("time", row.time().toString());
        json.put("code", content.code().name());
        json.put("component", content.component());
        json.put("pipeline", content.pipeline().orElse(null));
        json.put("requestId", content.requestId().orElse(null));
        json.put("record", written(content.from()));
        json.put("source", content.source().map(ListLettersCommand::written).orElse(null));
        json.put("bytes", row.bytes());
        json.put("bytesAreInTheRecordOnly", row.isOmitted());
        json.put("reason", content.reason());
        return json;
    }

    static String written(Origin origin) {
        return "%s %d:%d".formatted(origin.getTopic(), origin.getPartition(), origin.getOffset());
    }

    private static String shortened(String reason) {
        String line = reason.replaceAll("\\s+", " ");
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
    }
}
