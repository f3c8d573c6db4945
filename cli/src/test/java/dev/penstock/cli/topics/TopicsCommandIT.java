package dev.penstock.cli.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TopicsCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @Test
    void listsTheCatalogueAndOtherTopics() {
        KAFKA.createCatalogue();
        KAFKA.createTopic("topics-other", 3, Map.of());
        KAFKA.send("topics-other", "k".getBytes(UTF_8), "v".getBytes(UTF_8));

        CommandRun run = topics("--output", "json");

        assertThat(run.exitCode()).isZero();
        JsonNode other = named(run, "topics-other");
        assertThat(other.path("catalogued").asBoolean()).isFalse();
        assertThat(other.path("partitions").asInt()).isEqualTo(3);
        assertThat(other.path("records").asLong()).isEqualTo(1);
        JsonNode predictions = named(run, "predictions");
        assertThat(predictions.path("kept").asText()).isEqualTo("7 days");
        assertThat(predictions.path("schemaVersion").asInt()).isEqualTo(1);
        assertThat(predictions.path("compatibility").asText()).isEqualTo("FULL_TRANSITIVE");
        assertThat(predictions.path("deviations")).isEmpty();
        assertThat(named(run, "dead-letters").path("schemaVersion").isNull()).isTrue();
    }

    @Test
    void namesWhatIsNotAsInTheCatalogue() throws Exception {
        KAFKA.createCatalogue();
        try (Admin admin = KAFKA.admin()) {
            ConfigResource alerts = new ConfigResource(ConfigResource.Type.TOPIC, "alerts");
            admin.incrementalAlterConfigs(Map.of(
                            alerts,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("retention.ms", "5000"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();

            JsonNode named = named(topics("--catalogue", "--output", "json"), "alerts");
            String table = topics("--catalogue").out();

            assertThat(named.path("deviations"))
                    .hasSize(1)
                    .first()
                    .hasToString("\"retention.ms is 5000 instead of 2592000000\"");
            assertThat(table).contains("retention.ms is 5000 instead of 2592000000");
            admin.incrementalAlterConfigs(Map.of(
                            alerts,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry(
                                            "retention.ms",
                                            Topic.ALERTS.settings().get("retention.ms")),
                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    @Test
    void saysWhetherTheRegistryWouldTakeASchema() {
        KAFKA.registry()
                .register(
                        "topics-subject-value",
                        SchemaBuilder.record("R").fields().requiredString("a").endRecord());
        KAFKA.registry().requireCompatibility("topics-subject-value", "FULL_TRANSITIVE");
        Subjects subjects = new Subjects(KAFKA.registry());

        assertThat(subjects.accepts(
                        "topics-subject-value",
                        SchemaBuilder.record("R")
                                .fields()
                                .requiredString("a")
                                .optionalString("b")
                                .endRecord()))
                .isTrue();
        assertThat(subjects.accepts(
                        "topics-subject-value",
                        SchemaBuilder.record("R")
                                .fields()
                                .requiredString("a")
                                .requiredString("b")
                                .endRecord()))
                .isFalse();
        assertThat(subjects.newest("topics-subject-value"))
                .hasValueSatisfying(newest -> assertThat(newest.version()).isEqualTo(1));
        assertThat(subjects.newest("topics-no-subject")).isEmpty();
        assertThat(subjects.names()).contains("topics-subject-value");
    }

    @Test
    void takesEverythingFromAFileOfClientSettings(@TempDir Path directory) throws IOException {
        KAFKA.createCatalogue();
        Path file = Files.writeString(
                directory.resolve("client.properties"), """
                bootstrap.servers=%s
                schema.registry.url=%s
                client.id=console
                group.id=a-group-that-commands-stay-out-of
                basic.auth.user.info=user:secret
                """.formatted(KAFKA.bootstrapServers(), KAFKA.registryUrl()));

        CommandRun run = CommandRun.of("topics", "--catalogue", "--command-config", file.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("FULL_TRANSITIVE").doesNotContain("secret");
    }

    @Test
    void settingsThatNoClientCanUseAreRefusedWithoutTheirSecrets(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("client.properties"), """
                security.protocol=SASL_PLAINTEXT
                sasl.mechanism=PLAIN
                sasl.jaas.config=org.example.NoSuchModule required password="hunter2";
                """);

        CommandRun run =
                CommandRun.of("topics", "--brokers", KAFKA.bootstrapServers(), "--command-config", file.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("Cannot make a client of Kafka", "--command-config")
                .doesNotContain("hunter2");
    }

    @Test
    void saysWhatToTryIfTheRegistryIsAway() {
        KAFKA.createCatalogue();

        CommandRun run =
                CommandRun.of("topics", "--brokers", KAFKA.bootstrapServers(), "--registry", "http://localhost:1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("Cannot list the subjects: the registry at http://localhost:1 did not answer")
                .contains("--registry");
    }

    private static CommandRun topics(String... arguments) {
        String[] all = Stream.concat(
                        Stream.of("topics", "--brokers", KAFKA.bootstrapServers(), "--registry", KAFKA.registryUrl()),
                        Arrays.stream(arguments))
                .toArray(String[]::new);
        return CommandRun.of(all);
    }

    private static JsonNode named(CommandRun run, String topic) {
        return StreamSupport.stream(run.json().spliterator(), false)
                .filter(row -> row.path("topic").asText().equals(topic))
                .findFirst()
                .orElseThrow();
    }
}
