package dev.penstock.cli.letters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.RecordsBetween;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.watching.BytesShown;
import dev.penstock.cli.watching.PartitionOffset;
import dev.penstock.cli.watching.RecordJson;
import dev.penstock.schemas.topics.Topic;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock dead-letters show}. */
@Command(
        name = "show",
        description = {
            "Shows one dead letter: why it is one, which record it was, its headers, and its bytes.",
            "What the schema registry knows is decoded, all else is shown as JSON, text or bytes."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock dead-letters show 0:1500",
            "  penstock dead-letters show 0:1500 --full | jq -r .value.base64"
        })
final class ShowLetterCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Parameters(
            paramLabel = "PARTITION:OFFSET",
            converter = PartitionOffset.Converter.class,
            description = "Its place, as 'list' names it.")
    private PartitionOffset place = new PartitionOffset(0, 0);

    @Option(names = "--full", description = "Print bytes as Base64, not only their number and digest.")
    private boolean full;

    @Override
    public Integer call() throws InterruptedException {
        connection.requireTopics("show a dead letter", Topic.DEAD_LETTERS);
        RecordJson json = new RecordJson(connection.registry(), full ? BytesShown.FULL : BytesShown.SHORTENED);
        try (Consumer<byte[], byte[]> consumer = connection.bytesConsumer()) {
            TopicPartition partition = partition(consumer);
            Map<TopicPartition, Long> from = Map.of(partition, place.offset());
            Map<TopicPartition, Long> until = Map.of(partition, place.offset() + 1);
            ObjectNode[] found = new ObjectNode[1];
            new RecordsBetween(from, until).read(consumer, record -> found[0] = json.of(record));
            if (found[0] == null) {
                throw CommandException.failed(
                        "Cannot show dead letter %s: there is no record at that offset".formatted(place),
                        "Offsets between transactions are empty; 'penstock dead-letters list' names those that are there.",
                        null);
            }
            output.out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(found[0]));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write JSON: " + e.getMessage(), e);
        }
        return ExitCode.DONE;
    }

    private TopicPartition partition(Consumer<?, ?> consumer) {
        TopicPartition partition = new TopicPartition(Topic.DEAD_LETTERS.topicName(), place.partition());
        boolean exists = consumer.partitionsFor(partition.topic()).stream()
                .mapToInt(PartitionInfo::partition)
                .anyMatch(number -> number == place.partition());
        long first = exists ? consumer.beginningOffsets(List.of(partition)).get(partition) : 0;
        long end = exists ? consumer.endOffsets(List.of(partition)).get(partition) : 0;
        if (place.offset() < first || place.offset() >= end) {
            throw CommandException.misused(
                    "Cannot show dead letter %s: %s"
                            .formatted(
                                    place,
                                    exists
                                            ? "partition %d has offsets from %d to %d"
                                                    .formatted(place.partition(), first, end - 1)
                                            : "there is no such partition"),
                    "'penstock dead-letters list' names those that are there.");
        }
        return partition;
    }
}
