package dev.penstock.cli.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.local.SecuredBroker;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.AccessTable;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against brokers that ask for a login, in the hands of those who have no more rights than they need. */
class AccessCommandIT {
    @TempDir
    private static Path directory;

    private static SecuredBroker broker;
    private static EmbeddedRegistry registry;

    @BeforeAll
    static void start() throws Exception {
        broker = SecuredBroker.start(directory.resolve("kafka"));
        registry = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        Files.writeString(directory.resolve("pipelines.yaml"), """
                pipelines:
                  mails: {modality: text, model: spam, source: {topic: mail.received, id: id, entity: box, payload: {text: body}}}
                """);
        try (Admin root = broker.admin(SecuredBroker.SUPERUSER)) {
            new TopicCreator(root, SchemaRegistry.connect(registry.url()), 2, (short) 1).createMissing();
        }
        for (Application application : List.of(Application.OPERATOR, Application.ADMINISTRATOR)) {
            assertThat(grant(application).exitCode()).isZero();
        }
    }

    @AfterAll
    static void stop() {
        registry.close();
        broker.close();
    }

    @Test
    void printsTheTableThatIsDocumented() {
        assertThat(CommandRun.of("access", "--markdown").out()).isEqualTo(AccessTable.markdown());
        assertThat(CommandRun.of("access", "--application", "consumer").out())
                .contains("predictions", "penstock-consumer*")
                .doesNotContain("feedback");
    }

    @Test
    void givesWhatIsMissingAndThenNothingMore() {
        CommandRun planned = run("root", "access", "grant", "--principal", "ingest=User:ingest", "--dry-run");
        CommandRun before = run("root", "access", "check", "--principal", "ingest=User:ingest");
        CommandRun given = grant(Application.INGEST);
        CommandRun again = grant(Application.INGEST);
        CommandRun after = run("root", "access", "check", "--principal", "ingest=User:ingest");

        int needed =
                Access.of(Set.of("mail.received")).rights(Application.INGEST).size();
        assertThat(planned.out()).containsPattern("User:ingest +%d +0 +%d".formatted(needed, needed));
        assertThat(before.exitCode()).isEqualTo(3);
        assertThat(before.err()).contains("Differences: %d".formatted(needed));
        assertThat(given.exitCode()).as(given.err()).isZero();
        assertThat(again.out()).containsPattern("User:ingest +%d +%d +0".formatted(needed, needed));
        assertThat(after.exitCode()).as(after.out()).isZero();
        assertThat(after.err()).contains("has what it needs and no more");
    }

    @Test
    void findsWhatIsTooMuchAndWhatIsDenied() throws Exception {
        grant(Application.CONSUMER);
        try (Admin root = broker.admin(SecuredBroker.SUPERUSER)) {
            root.createAcls(List.of(
                            acl("feedback", AclOperation.WRITE, AclPermissionType.ALLOW),
                            acl("predictions", AclOperation.READ, AclPermissionType.DENY)))
                    .all()
                    .get();
        }

        CommandRun run = run("root", "access", "check", "--principal", "consumer=User:consumer", "--output", "json");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.json())
                .extracting(row -> "%s %s %s"
                        .formatted(
                                row.path("difference").asText(),
                                row.path("name").asText(),
                                row.path("operation").asText()))
                .containsExactlyInAnyOrder("not needed feedback WRITE", "denied predictions READ");
    }

    @Test
    void nobodyButAnAdministratorGivesRights() {
        CommandRun refused = run("operator", "access", "grant", "--principal", "rollout=User:operator");
        CommandRun given = run("administrator", "access", "grant", "--principal", "rollout=User:rollout");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("Cannot give rights").contains("--command-config");
        assertThat(given.exitCode()).as(given.err()).isZero();
        assertThat(run("operator", "access", "check", "--principal", "rollout=User:rollout")
                        .exitCode())
                .isZero();
    }

    @Test
    void aNameThatIsNoApplicationOrNoAccountIsRefused() {
        assertThat(run("root", "access", "check", "--principal", "scorer=User:x")
                        .err())
                .contains("there is no such application")
                .contains("ingest, inference, rollout");
        assertThat(run("root", "access", "check", "--principal", "ingest=ingest")
                        .err())
                .contains("Write it like ingest=User:ingest");
    }

    @Test
    void anOperatorSeesEverythingAndAnAdministratorEndsTransactions() throws Exception {
        Map<String, Object> settings = new HashMap<>(broker.client(SecuredBroker.SUPERUSER));
        settings.put("transactional.id", "penstock-inference-left-behind");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            long offset = producer.send(new ProducerRecord<>("alerts", 0, new byte[1], new byte[1]))
                    .get()
                    .offset();

            assertThat(run("operator", "transactions", "list").out()).contains("penstock-inference-left-behind");
            assertThat(run("operator", "transactions", "abort", "penstock-inference-left-behind", "--yes")
                            .exitCode())
                    .isEqualTo(1);
            assertThat(run("operator", "transactions", "abort", "--at", "alerts:0:" + offset, "--yes")
                            .exitCode())
                    .isEqualTo(1);
            CommandRun byPlace = run("administrator", "transactions", "abort", "--at", "alerts:0:" + offset, "--yes");
            assertThat(byPlace.exitCode()).as(byPlace.err()).isZero();
            CommandRun byId = run("administrator", "transactions", "abort", "penstock-inference-left-behind", "--yes");
            assertThat(byId.exitCode()).as(byId.err()).isZero();
        }
        CommandRun topics = run("operator", "topics", "--catalogue", "--output", "json");
        assertThat(topics.exitCode()).as(topics.err()).isZero();
        assertThat(topics.json()).hasSize(Topic.values().length).allMatch(row -> row.path("exists")
                .asBoolean());
        CommandRun letters = run("operator", "dead-letters", "list");
        assertThat(letters.exitCode()).as(letters.err()).isZero();
    }

    @Test
    void doctorSaysWhatTheCallerMayNotDo() {
        grant(Application.PRODUCER);

        JsonNode operator = run("operator", "doctor", "--output", "json").json();
        JsonNode producer = run("producer", "doctor", "--output", "json").json();

        assertThat(findings(operator, "access"))
                .containsExactly(
                        "OK: this user may do all that an operator does, and these brokers refuse what nobody allowed");
        assertThat(findings(operator, "Kafka"))
                .anySatisfy(finding -> assertThat(finding).startsWith("OK: ").contains("transaction.version 2"));
        assertThat(findings(producer, "access")).anySatisfy(finding -> assertThat(finding)
                .startsWith("WARNING: ")
                .contains("this user may not")
                .contains("read of predictions"));
    }

    private static List<String> findings(JsonNode doctor, String about) {
        List<String> findings = new ArrayList<>();
        doctor.forEach(finding -> {
            if (finding.path("about").asText().equals(about)) {
                findings.add("%s: %s"
                        .formatted(
                                finding.path("status").asText(),
                                finding.path("finding").asText()));
            }
        });
        return findings;
    }

    private static AclBinding acl(String topic, AclOperation operation, AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                new AccessControlEntry("User:consumer", "*", operation, permission));
    }

    private static CommandRun grant(Application application) {
        String name = application.writtenName();
        CommandRun run = run("root", "access", "grant", "--principal", "%s=User:%s".formatted(name, name));
        // Brokers hear of new rights a moment later.
        await().until(() -> run("root", "access", "check", "--principal", "%s=User:%s".formatted(name, name))
                        .exitCode()
                == 0);
        return run;
    }

    private static CommandRun run(String account, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--command-config", config(account).toString()));
        all.addAll(List.of("--data", directory.resolve("data").toString()));
        boolean isAboutPipelines = List.of("access", "doctor").contains(arguments[0]);
        if (isAboutPipelines) {
            all.addAll(
                    List.of("--pipelines", directory.resolve("pipelines.yaml").toString()));
        }
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static Path config(String account) {
        Map<String, String> settings = new HashMap<>(broker.login(account));
        settings.put("bootstrap.servers", broker.bootstrapServers());
        settings.put("schema.registry.url", registry.url());
        try {
            return Files.writeString(
                    directory.resolve(account + ".properties"),
                    settings.entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue())
                            .collect(Collectors.joining("\n")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
