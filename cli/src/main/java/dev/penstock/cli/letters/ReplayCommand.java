package dev.penstock.cli.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.arguments.DurationText;
import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.connection.RecordsBetween;
import dev.penstock.cli.letters.Judged.RequestName;
import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock dead-letters replay}. */
@Command(
        name = "replay",
        description = {
            "Sends dead letters again: the original's key, bytes and headers, to the partition where it came from.",
            "Each keeps its id, and an event its time, so that copies are known as such. Nothing is sent that was answered"
                    + " by now, that waits to be read already, that would be refused again, or that another pipeline would"
                    + " answer twice; the reason is said for each."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock dead-letters replay --pipeline spam --reason MODEL_FAILED --dry-run",
            "  penstock dead-letters replay --letter 0:1500 --letter 2:77",
            "  penstock dead-letters replay --topic mail.received --since 2h --no-wait",
            "",
            "Exit code 3 says that a letter was not sent though nobody has answered it, became a dead letter again, or had no"
                    + " outcome in time."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final List<String> OWN_HEADERS = List.of("__streams.errors.", "penstock.dead-letter.");

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final LetterSelection selection = new LetterSelection();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--all", description = "Every dead letter there is, if nothing else says which.")
    private boolean all;

    @Option(names = "--dry-run", description = "Say what would be sent, and send nothing.")
    private boolean dryRun;

    @Option(names = "--crashed", description = "Also records over which the process died twice (CRASHED_MODEL).")
    private boolean crashed;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Refuse to send more than this many (default: ${DEFAULT-VALUE}).")
    private int limit = 1000;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationText.class,
            description = "How long to wait for outcomes once all is sent (default: ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ofSeconds(30);

    @Option(names = "--no-wait", description = "Do not wait for outcomes.")
    private boolean noWait;

    /** What became of one letter, for the report. */
    private record Row(Letter letter, String done, String detail, boolean isGood) {}

    @Override
    public Integer call() throws InterruptedException {
        if (selection.isEverything() && !all) {
            throw CommandException.misused(
                    "Cannot send dead letters again: nothing says which",
                    "Choose by --letter, --pipeline, --reason, --topic, --request or --since, or say --all.");
        }
        connection.requireTopics("send dead letters again", Topic.DEAD_LETTERS, Topic.PREDICTIONS);
        ReplayJudge judge =
                new ReplayJudge(pipelinesFile.require(connection), connection.registry(), crashed, Clock.systemUTC());
        List<Letter> letters = new ArrayList<>();
        new LetterTopic(connection).read(selection, letter -> {
            letters.add(letter);
            if (letters.size() > limit) {
                throw CommandException.misused(
                        "Cannot send so many dead letters again: there are more than %,d".formatted(limit),
                        "Choose fewer, or raise --limit.");
            }
        });
        List<Judged> judged = new ArrayList<>();
        for (Letter letter : letters) {
            judged.add(judge.judge(letter, value(letter)));
        }
        List<Judged> remaining = new AlreadyDone(connection).without(once(judged));
        List<Row> rows = dryRun ? remaining.stream().map(ReplayCommand::planned).toList() : send(remaining);
        print(rows);
        return rows.stream().allMatch(Row::isGood) ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    /** Of several letters of one request the newest is sent: it was sent again before, and refused again. */
    private static List<Judged> once(List<Judged> judged) {
        Map<RequestName, Letter> newest = new LinkedHashMap<>();
        judged.forEach(each -> each.sendable().ifPresent(sendable -> sendable.requests()
                .forEach(request -> newest.merge(
                        request, sendable.letter(), (one, other) -> other.time().isBefore(one.time()) ? one : other))));
        List<Judged> once = new ArrayList<>();
        for (Judged each : judged) {
            Optional<Letter> better = each.sendable().stream()
                    .flatMap(sendable -> sendable.requests().stream())
                    .map(newest::get)
                    .filter(letter -> !letter.place().equals(each.letter().place()))
                    .findFirst();
            once.add(
                    better.isPresent()
                            ? Judged.done(
                                    each.letter(),
                                    "letter %s is of the same request"
                                            .formatted(better.get().place()))
                            : each);
        }
        return once;
    }

    /** The original's bytes, from its own topic where the letter could not take them; empty if they are gone. */
    private Optional<byte[]> value(Letter letter) {
        if (letter.omittedBytes().isEmpty()) {
            return Optional.ofNullable(letter.record().value());
        }
        return original(letter).map(ConsumerRecord::value);
    }

    private Optional<ConsumerRecord<byte[], byte[]>> original(Letter letter) {
        Origin from = letter.from();
        TopicPartition partition = new TopicPartition(from.getTopic(), from.getPartition());
        try (Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            long first = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, Long.MAX_VALUE);
            if (from.getOffset() < first) {
                return Optional.empty();
            }
            List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
            new RecordsBetween(Map.of(partition, from.getOffset()), Map.of(partition, from.getOffset() + 1))
                    .read(consumer, found::add);
            return found.stream().findFirst();
        }
    }

    private List<Row> send(List<Judged> judged) throws InterruptedException {
        ReplayOutcomes outcomes = new ReplayOutcomes();
        if (noWait) {
            return send(judged, outcomes);
        }
        AvroDeserializer<Prediction> predictions = AvroDeserializer.of(connection.registry(), Prediction.class);
        try (OutcomeReader reader = OutcomeReader.open(connection.bytesConsumer(), predictions, outcomes)) {
            return send(judged, outcomes);
        }
    }

    private List<Row> send(List<Judged> judged, ReplayOutcomes outcomes) throws InterruptedException {
        Map<Judged, Object> sent = new LinkedHashMap<>();
        try (KafkaProducer<byte[], byte[]> producer = connection.bytesProducer()) {
            Map<Judged.Sendable, Future<RecordMetadata>> sending = new LinkedHashMap<>();
            for (Judged each : judged) {
                each.sendable().ifPresent(sendable -> sending.put(sendable, producer.send(record(sendable))));
            }
            for (Map.Entry<Judged.Sendable, Future<RecordMetadata>> each : sending.entrySet()) {
                try {
                    RecordMetadata position = each.getValue().get();
                    sent.put(each.getKey(), new Origin(position.topic(), position.partition(), position.offset()));
                } catch (ExecutionException e) {
                    sent.put(each.getKey(), String.valueOf(e.getCause().getMessage()));
                }
            }
        } catch (KafkaException e) {
            throw CommandException.failed(
                    "Cannot send dead letters again: %s".formatted(e.getMessage()),
                    "Check what this user may do there: 'penstock access' lists what an operator needs.",
                    e);
        }
        if (!noWait) {
            Map<Origin, Set<RequestName>> waited = new LinkedHashMap<>();
            sent.forEach((each, position) -> {
                if (position instanceof Origin origin) {
                    waited.put(origin, each.sendable().orElseThrow().requests());
                }
            });
            output.note("Sent: %d; waiting for what becomes of them.".formatted(waited.size()));
            outcomes.await(waited, patience);
        }
        return judged.stream()
                .map(each -> sent.containsKey(each)
                        ? row(each.sendable().orElseThrow(), sent.get(each), outcomes)
                        : planned(each))
                .toList();
    }

    /** As the original was, but with a word of where it comes from. */
    private ProducerRecord<byte[], byte[]> record(Judged.Sendable sendable) {
        Letter letter = sendable.letter();
        // Inference leaves the key out with the bytes, and the headers of a request it never keeps.
        ConsumerRecord<byte[], byte[]> original = letter.omittedBytes().isEmpty()
                ? letter.record()
                : original(letter).orElseThrow();
        Headers headers = new RecordHeaders();
        original.headers().forEach(header -> {
            if (OWN_HEADERS.stream().noneMatch(header.key()::startsWith)
                    && !header.key().equals(DeadLetter.REPLAY_OF)) {
                headers.add(header);
            }
        });
        headers.add(DeadLetter.REPLAY_OF, letter.place().toString().getBytes(UTF_8));
        return new ProducerRecord<>(
                sendable.target().topic(),
                sendable.target().partition(),
                sendable.timestamp().isPresent() ? sendable.timestamp().getAsLong() : null,
                original.key(),
                original.value(),
                headers);
    }

    private Row row(Judged.Sendable sendable, Object position, ReplayOutcomes outcomes) {
        if (!(position instanceof Origin origin)) {
            return new Row(sendable.letter(), "not sent", String.valueOf(position), false);
        }
        String where = "sent to %s".formatted(ListLettersCommand.written(origin));
        if (noWait) {
            return new Row(sendable.letter(), where, "", true);
        }
        return outcomes.of(origin, sendable.requests())
                .map(outcome -> new Row(sendable.letter(), where, outcome.words(), outcome.isGood()))
                .orElseGet(() -> new Row(
                        sendable.letter(), where, "no outcome within %s".formatted(DurationText.of(patience)), false));
    }

    private static Row planned(Judged judged) {
        if (judged instanceof Judged.Sendable sendable) {
            return new Row(
                    judged.letter(),
                    "would be sent to %s %d"
                            .formatted(
                                    sendable.target().topic(), sendable.target().partition()),
                    "",
                    true);
        }
        if (judged instanceof Judged.Kept kept) {
            return new Row(judged.letter(), kept.isDone() ? "nothing to do" : "kept", kept.reason(), kept.isDone());
        }
        throw new IllegalStateException("Cannot report unknown judgement: " + judged);
    }

    private void print(List<Row> rows) {
        Table table = Table.withColumns("LETTER", "CODE", "PIPELINE", "REQUEST", "DONE", "WHAT CAME OF IT");
        for (Row row : rows) {
            table.row(
                    row.letter().place(),
                    row.letter().content().code(),
                    row.letter().content().pipeline().orElse(""),
                    row.letter().content().requestId().orElse(""),
                    row.done(),
                    row.detail());
        }
        output.result(
                rows.stream()
                        .map(row -> {
                            Map<String, Object> json = new LinkedHashMap<>();
                            json.put("letter", row.letter().place().toString());
                            json.put("code", row.letter().content().code().name());
                            json.put("done", row.done());
                            json.put("outcome", row.detail());
                            json.put("good", row.isGood());
                            return json;
                        })
                        .toList(),
                table);
    }
}
