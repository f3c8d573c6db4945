package dev.penstock.cli.topics;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock topics}. */
@Command(
        name = "topics",
        description = {
            "Lists the platform's topics and all others, and what is not as the platform would have created it.",
            "Records are counted by offsets: where a topic is compacted or written in transactions, there are fewer."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock topics",
            "  penstock topics --catalogue --output json",
            "  penstock topics --create --partitions 12 --replication 3"
        })
public final class TopicsCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--catalogue", description = "List the platform's own topics only.")
    private boolean catalogueOnly;

    @Option(
            names = "--create",
            description =
                    "First create those of the platform that are missing, and register their schemas. What exists is"
                            + " left as it is.")
    private boolean create;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "4",
            description = "Partitions of topics that are created (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--replication",
            paramLabel = "N",
            defaultValue = "1",
            description = "Copies of each partition of topics that are created (default: ${DEFAULT-VALUE}).")
    private short replication;

    @Override
    public Integer call() throws InterruptedException {
        List<TopicState> topics;
        try (Admin admin = connection.admin()) {
            if (create) {
                new TopicCreator(admin, connection.registry(), partitions, replication).createMissing();
            }
            topics = new TopicSurvey(admin, new Subjects(connection.registry(PATIENCE)))
                    .all().stream()
                            .filter(topic -> topic.catalogued() || !catalogueOnly)
                            .toList();
        }
        Table table = Table.withColumns(
                "TOPIC", "PARTITIONS", "RECORDS", "KEPT", "SCHEMA", "COMPATIBILITY", "NOT AS IN THE CATALOGUE");
        for (TopicState topic : topics) {
            table.row(
                    topic.name(),
                    topic.exists() ? topic.partitions() : "-",
                    topic.exists() ? "%,d".formatted(topic.records()) : "-",
                    topic.kept(),
                    topic.schema().map(schema -> "version " + schema.version()).orElse(""),
                    topic.compatibility().orElse(""),
                    String.join("; ", topic.deviations()));
        }
        output.result(topics.stream().map(TopicsCommand::json).toList(), table);
        return ExitCode.DONE;
    }

    private static Map<String, @Nullable Object> json(TopicState topic) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("topic", topic.name());
        json.put("catalogued", topic.catalogued());
        json.put("exists", topic.exists());
        json.put("partitions", topic.partitions());
        json.put("records", topic.records());
        json.put("kept", topic.kept());
        json.put(
                "subject",
                topic.schema()
                        .map(schema -> SchemaRegistry.subjectOf(topic.name()))
                        .orElse(null));
        json.put(
                "schemaVersion",
                topic.schema().map(SchemaRegistry.Version::version).orElse(null));
        json.put("schemaId", topic.schema().map(SchemaRegistry.Version::id).orElse(null));
        json.put("compatibility", topic.compatibility().orElse(null));
        json.put("deviations", topic.deviations());
        return json;
    }
}
