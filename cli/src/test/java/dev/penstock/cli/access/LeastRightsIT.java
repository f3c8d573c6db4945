package dev.penstock.cli.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.cli.CommandRun;
import dev.penstock.cli.platform.LocalKey;
import dev.penstock.inference.Inference;
import dev.penstock.inference.InferenceConfig;
import dev.penstock.ingest.Ingest;
import dev.penstock.ingest.IngestConfig;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.local.SecuredBroker;
import dev.penstock.models.TinyModels;
import dev.penstock.retrain.Retrain;
import dev.penstock.retrain.RetrainConfig;
import dev.penstock.rollout.Rollout;
import dev.penstock.rollout.RolloutConfig;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole platform behind TLS, each part with an account of its own that has the rights of {@link Access} and no other,
 * and with its password in a file.
 */
class LeastRightsIT {
    private static final String SOURCE = "mail.received";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private SecuredBroker broker;
    private EmbeddedRegistry registry;
    private Pipelines pipelines;

    @Test
    void everyPartDoesItsWorkWithTheRightsThatItNeedsAndNoOther() throws Exception {
        try {
            prepare();
            importModel(1);
            startJobs();
            startIngest();

            sendMails(0, 20);
            assertThat(predictionsSeenByAConsumer(20)).hasSize(20);
            sendBytes(new byte[] {1, 2, 3});
            awaitRecords(Topic.DEAD_LETTERS, 1);
            awaitRecords(Topic.ROLLOUTS, 1);
            awaitRecords(Topic.ROLLOUT_HISTORY, 1);

            CommandRun feedback = operator("feedback", "mails", "spam", "mail-0", "mail-1");
            assertThat(feedback.exitCode()).as(feedback.err()).isZero();
            awaitRecords(Topic.LABELLED_EXAMPLES, 2);

            CommandRun training = operator("rollout", "train", "tiny-text", "--reason", "a test", "--wait", "2m");
            assertThat(training.exitCode()).as(training.err()).isZero();
            awaitRecords(Topic.TRAINING_RUNS, 1);

            importModel(2);
            await().atMost(PATIENCE)
                    .until(() ->
                            operator("rollout", "status", "tiny-text").out().contains("shadow"));
            sendMails(20, 40);
            awaitRecords(Topic.SHADOW_PREDICTIONS, 1);
            assertThat(operator("transactions", "list").out()).contains("penstock-inference", "penstock-ingest");
        } finally {
            while (!parts.isEmpty()) {
                parts.pop().close();
            }
        }
    }

    private void prepare() throws Exception {
        broker = SecuredBroker.startWithTls(directory.resolve("kafka"));
        parts.push(broker);
        registry = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        parts.push(registry);
        Files.writeString(directory.resolve("pipelines.yaml"), """
                pipelines:
                  mails:
                    modality: text
                    model: tiny-text
                    source: {topic: mail.received, id: id, entity: box, payload: {text: body}}
                """);
        pipelines = Pipelines.read(directory.resolve("pipelines.yaml"), Map.of());
        try (Admin root = broker.admin(SecuredBroker.SUPERUSER)) {
            new TopicCreator(root, SchemaRegistry.connect(registry.url()), 2, (short) 1).createMissing();
            NewTopics.create(root, List.of(new NewTopic(SOURCE, 2, (short) 1)));
            root.createAcls(Access.of(Set.of(SOURCE)).rights().stream()
                            .map(right -> right.toBinding(
                                    "User:" + right.application().writtenName(), "*"))
                            .toList())
                    .all()
                    .get();
        }
    }

    private void importModel(int version) throws IOException {
        Path bundle =
                TinyModels.text(directory.resolve("bundle-" + version), version).directory();
        CommandRun run = operator("models", "import", bundle.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private void startIngest() throws InterruptedException {
        IngestConfig config =
                config(Application.INGEST, IngestConfig.class, "state-directory: \"${STATE}\"\nreplication: 1\n");
        Ingest ingest = Ingest.start(config, pipelines);
        parts.push(ingest);
        ingest.awaitRunning(PATIENCE);
    }

    private void startJobs() throws Exception {
        String checkpoints = "checkpoints: {directory: \"${CHECKPOINTS}\", interval: PT1S}\nstate: heap\n";
        String models = "models: {cache: \"${STATE}\", trust: {keys: \"${KEYS}\"}";
        InferenceConfig inference = config(
                Application.INFERENCE, InferenceConfig.class, checkpoints + models + "}\ndelivery: exactly-once\n");
        run("inference", Inference.flinkSettings(inference), to -> Inference.define(to, inference, pipelines));
        RolloutConfig rollout = config(Application.ROLLOUT, RolloutConfig.class, checkpoints);
        run("rollout", Rollout.flinkSettings(rollout), to -> Rollout.define(to, rollout, pipelines));
        RetrainConfig retrain = config(
                Application.RETRAIN,
                RetrainConfig.class,
                checkpoints + models + ", signing-key: \"${SIGNING_KEY}\"}\n");
        run("retrain", Retrain.flinkSettings(retrain), to -> Retrain.define(to, retrain, pipelines));
    }

    private void run(String name, Configuration settings, Consumer<StreamExecutionEnvironment> definition)
            throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
        definition.accept(environment);
        JobClient client = environment.executeAsync(name);
        parts.push(() -> client.cancel().get());
    }

    /** As an installation would write it: what is secret stands in a file that the environment names. */
    private <T extends Record> T config(Application application, Class<T> type, String own) {
        Map<String, String> kafka = new TreeMap<>(broker.login(application.writtenName()));
        Path secret = write(application.writtenName() + ".jaas", kafka.put("sasl.jaas.config", "${JAAS}") + "\n");
        String yaml = "brokers: ${BROKERS}\nregistry: {url: \"${REGISTRY}\"}\n%skafka:\n%s"
                .formatted(
                        own,
                        kafka.entrySet().stream()
                                .map(each -> "  %s: \"%s\"%n".formatted(each.getKey(), each.getValue()))
                                .collect(Collectors.joining()));
        Path ofPart = directory.resolve(application.writtenName());
        return ConfigurationFile.parse(
                application.writtenName() + ".yaml",
                yaml,
                type,
                Map.of(
                        "BROKERS", broker.bootstrapServers(),
                        "REGISTRY", registry.url(),
                        "STATE", ofPart.resolve("state").toString(),
                        "CHECKPOINTS", ofPart.resolve("checkpoints").toUri().toString(),
                        "KEYS", LocalKey.trusted(data()).toString(),
                        "SIGNING_KEY", LocalKey.file(data()).toString(),
                        "JAAS_FILE", secret.toString()));
    }

    private Path data() {
        Path data = directory.resolve("data");
        LocalKey.in(data);
        return data;
    }

    private CommandRun operator(String... arguments) {
        Map<String, String> settings = new HashMap<>(broker.login("operator"));
        settings.put("bootstrap.servers", broker.bootstrapServers());
        settings.put("schema.registry.url", registry.url());
        Path config = write(
                "operator.properties",
                settings.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining("\n")));
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--command-config", config.toString(), "--data", data().toString()));
        if (List.of("feedback", "import").stream().anyMatch(all::contains)) {
            all.addAll(
                    List.of("--pipelines", directory.resolve("pipelines.yaml").toString()));
        }
        return CommandRun.of(all.toArray(String[]::new));
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void sendMails(int from, int until) throws Exception {
        AvroSerializer<GenericRecord> serializer = new AvroSerializer<>(SchemaRegistry.connect(registry.url()));
        for (int number = from; number < until; number++) {
            GenericRecord mail = new GenericRecordBuilder(SchemaBuilder.record("Mail")
                            .fields()
                            .requiredString("id")
                            .requiredString("box")
                            .requiredString("body")
                            .endRecord())
                    .set("id", "mail-" + number)
                    .set("box", "box-" + number)
                    .set("body", "buy spam number " + number)
                    .build();
            sendBytes(serializer.serialize(SOURCE, mail));
        }
    }

    /** Source topics are the users' own: who writes them is none of the platform's business. */
    private void sendBytes(byte[] value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                broker.client(SecuredBroker.SUPERUSER), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(SOURCE, value)).get();
        }
    }

    private List<String> predictionsSeenByAConsumer(int count) {
        Map<String, Object> settings = new HashMap<>(broker.client("consumer"));
        settings.put("group.id", "penstock-consumer-bank");
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        List<String> requests = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topic.PREDICTIONS.topicName()));
            while (requests.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    requests.add(new String(record.key(), UTF_8));
                }
            }
            consumer.commitSync();
        }
        return requests;
    }

    private void awaitRecords(Topic topic, int count) {
        Map<String, Object> settings = new HashMap<>(broker.client(SecuredBroker.SUPERUSER));
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            int[] seen = new int[1];
            await("%d records of %s".formatted(count, topic.topicName()))
                    .pollInSameThread()
                    .atMost(PATIENCE)
                    .until(() ->
                            (seen[0] += consumer.poll(Duration.ofMillis(200)).count()) >= count);
        }
    }
}
