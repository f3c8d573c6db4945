package dev.penstock.cli.watching;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.Partitions;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock watch}. */
@Command(
        name = "watch",
        defaultValueProvider = JsonByDefault.class,
        description = {
            "Prints the records of a topic as they arrive, one line of JSON each.",
            "Values are decoded with the schema registry; what is not Avro is shown as JSON, text or bytes. Of a dead letter both the reason and the original record are shown."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock watch predictions",
            "  penstock watch dead-letters --from-beginning --until-end",
            "  penstock watch predictions --from-beginning | jq .value.outcome"
        })
public final class WatchCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchCommand.class);
    private static final int STOP_PATIENCE_SECONDS = 5;

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "TOPIC", description = "Any topic of the broker; 'penstock topics' lists them.")
    private String topic = "";

    @Option(names = "--from-beginning", description = "Start with the oldest record that is kept, not from now on.")
    private boolean fromBeginning;

    @Option(
            names = "--from-offset",
            paramLabel = "PARTITION:OFFSET",
            converter = PartitionOffset.Converter.class,
            description = "Start with this record and read its partition alone; may be given for several partitions.")
    private final List<PartitionOffset> fromOffsets = new ArrayList<>();

    @Option(names = "--until-end", description = "Stop at what was the end of the topic when the command started.")
    private boolean untilEnd;

    @Option(names = "--limit", paramLabel = "N", description = "Stop after this many records were printed.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--key", paramLabel = "KEY", description = "Print records with this key only.")
    private @Nullable String key;

    @Option(
            names = "--grep",
            paramLabel = "TEXT",
            description = "Print records whose line of JSON contains this text only.")
    private @Nullable String text;

    @Option(names = "--full", description = "Print bytes as Base64, not only their number and digest.")
    private boolean full;

    @Override
    public void run() {
        Start start = start();
        if (limit < 1) {
            throw CommandException.misused("Cannot stop after %d records".formatted(limit), "Use 1 or more.");
        }
        List<TopicPartition> partitions;
        try (Admin admin = connection.admin()) {
            partitions = partitions(admin);
        }
        RecordJson json = new RecordJson(connection.registry(), full ? BytesShown.FULL : BytesShown.SHORTENED);
        try (Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            Map<TopicPartition, Long> from = start.offsets(consumer, partitions);
            Map<TopicPartition, Long> until = untilEnd ? consumer.endOffsets(from.keySet()) : Map.of();
            if (!untilEnd) {
                output.note("Watching '%s'; Ctrl-C stops.".formatted(topic));
            }
            Reading reading = new Reading(consumer);
            untilInterrupted(reading, () -> reading.read(from, until, new Printer(json)));
        }
    }

    private Start start() {
        if (fromBeginning && !fromOffsets.isEmpty()) {
            throw CommandException.misused(
                    "Cannot start both from the beginning and from %s".formatted(fromOffsets.get(0)),
                    "Use --from-beginning or --from-offset.");
        }
        if (fromBeginning) {
            return new Start.Beginning();
        }
        return fromOffsets.isEmpty() ? new Start.Now() : new Start.At(fromOffsets);
    }

    // Asked of the admin client, since a consumer that asks for a topic may create it.
    private List<TopicPartition> partitions(Admin admin) {
        try {
            Set<String> topics = new TreeSet<>(admin.listTopics().names().get());
            if (!topics.contains(topic)) {
                throw CommandException.misused(
                        "Cannot watch '%s': there is no such topic at %s".formatted(topic, connection.brokers()),
                        topics.isEmpty()
                                ? "There are none at all; 'penstock up' creates those of the platform."
                                : "The topics are %s.".formatted(String.join(", ", topics)));
            }
            return Partitions.of(admin, Set.of(topic));
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot watch '%s': %s".formatted(topic, e.getCause().getMessage()),
                    "Check that this user may read it.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot watch '%s': interrupted".formatted(topic), e);
        }
    }

    /** Ctrl-C ends the reading between two records, so that no line is cut off. */
    private static void untilInterrupted(Reading reading, Runnable work) {
        CountDownLatch done = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    reading.stop();
                    try {
                        // Not for ever: the terminal may take no more output.
                        if (!done.await(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                            LOG.warn("The last line may be cut off");
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stop-watching");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            work.run();
        } finally {
            done.countDown();
            if (!hook.isAlive()) {
                removeHook(hook);
            }
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("The JVM is about to end: its hooks can no longer be removed", e);
        }
    }

    /** Prints those records that were asked for, until there are enough or nobody reads on. */
    private final class Printer implements Predicate<ConsumerRecord<byte[], byte[]>> {
        private final RecordJson json;
        private long printed;

        Printer(RecordJson json) {
            this.json = json;
        }

        @Override
        public boolean test(ConsumerRecord<byte[], byte[]> record) {
            ObjectNode line = json.of(record);
            JsonNode recordKey = line.path("key");
            if ((key != null && !key.equals(recordKey.textValue()))
                    || (text != null && !line.toString().contains(text))) {
                return true;
            }
            output.line(line, asText(line));
            printed++;
            // Nobody reads on behind a pipe such as '| head'.
            return printed < limit && !output.out().checkError();
        }

        private static String asText(ObjectNode line) {
            return "%s  %d:%d  %s  %s"
                    .formatted(
                            line.path("timestamp").asText(),
                            line.path("partition").asInt(),
                            line.path("offset").asLong(),
                            line.path("key").isTextual() ? line.path("key").asText() : line.path("key"),
                            line.has("deadLetter") ? line.path("deadLetter") : line.path("value"));
        }
    }
}
