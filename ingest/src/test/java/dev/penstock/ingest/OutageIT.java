package dev.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.local.EmbeddedBroker;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.RegistryUnavailableException;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when the things that ingest needs go away, on a broker and a registry of its own. */
class OutageIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pipelines PIPELINES =
            ConfigurationFile.parse("pipelines.yaml", """
            pipelines:
              spam:
                modality: text
                model: spam
                source: {topic: mails, id: id, entity: sender, keyed-by: id, payload: {text: body}}
            """, Pipelines.class, Map.of());

    @TempDir
    private Path directory;

    private EmbeddedBroker broker;
    private EmbeddedRegistry registry;

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start(directory.resolve("broker"), 0);
        registry = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        try (Admin admin = admin()) {
            new TopicCreator(admin, SchemaRegistry.connect(registry.url()), 1, (short) 1).createMissing();
            NewTopics.create(admin, List.of(new NewTopic("mails", 1, (short) 1)));
        }
    }

    @AfterEach
    void stop() {
        registry.close();
        broker.close();
    }

    @Test
    void aRegistryThatIsAwayIsWaitedForAndNothingIsBuried() throws Exception {
        byte[] known = mail("known", Mails.SCHEMA);
        byte[] unknown = mail("new", newSchema());
        try (Ingest ingest = Ingest.start(config(), PIPELINES)) {
            send(known);
            await().atMost(PATIENCE).until(() -> requests() == 1);

            int port = URI.create(registry.url()).getPort();
            registry.close();
            send(unknown);
            send(known);
            // Longer than its patience, so that the thread ends and another one takes its place.
            await().pollDelay(Duration.ofSeconds(5)).until(() -> ingest.state() != Ingest.State.FAILED);
            assertThat(requests()).isEqualTo(1);
            registry = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), port);

            await().atMost(PATIENCE).until(() -> requests() == 2);
            assertThat(ingest.counters().of("spam").rejectedInAll()).isZero();
            assertThat(ingest.failure()).isEmpty();
        }
    }

    @Test
    void aBrokerThatGoesAwayAndComesBackLosesNothing() throws Exception {
        try (Ingest ingest = Ingest.start(config(), PIPELINES)) {
            send(mail("before", Mails.SCHEMA));
            await().atMost(PATIENCE).until(() -> requests() == 1);

            int port = Integer.parseInt(broker.bootstrapServers().split(":", -1)[1]);
            broker.close();
            broker = EmbeddedBroker.start(directory.resolve("broker"), port);
            send(mail("after", Mails.SCHEMA));

            await().atMost(PATIENCE).until(() -> requests() == 2);
            assertThat(ingest.failure()).isEmpty();
        }
    }

    @Test
    void aTopicThatSomebodyMadeSmallerGetsWhatItTakesAndTheRestIsBuried() throws Exception {
        try (Admin admin = admin()) {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topic.REQUESTS_TEXT.topicName());
            admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", "2000"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }

        try (Ingest ingest = Ingest.start(config(), PIPELINES)) {
            send(mail("x".repeat(200), Mails.SCHEMA));
            send(mail("long", Mails.SCHEMA, "x".repeat(2_000)));
            send(mail("after", Mails.SCHEMA));

            await().atMost(PATIENCE).until(() -> accepted(ingest) == 2);
            assertThat(ingest.counters().of("spam").rejected()).isEqualTo(Map.of(DeadLetterCode.PAYLOAD_TOO_LARGE, 1L));
        }
    }

    @Test
    void doesNotStartWithoutARegistryOrABroker() {
        registry.close();
        assertThatThrownBy(() -> Ingest.start(config(), PIPELINES))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("did not answer within PT2S");

        broker.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> Ingest.start(config(), PIPELINES))
                .withMessageStartingWith("Cannot start ingest: the brokers do not say what topics there are");
    }

    private static Schema newSchema() {
        String more =
                "{\"name\":\"body\",\"type\":\"string\"},{\"name\":\"subject\",\"type\":\"string\",\"default\":\"\"}";
        return new Schema.Parser()
                .parse(Mails.SCHEMA.toString().replace("{\"name\":\"body\",\"type\":\"string\"}", more));
    }

    private byte[] mail(String id, Schema schema) {
        return mail(id, schema, "Hello");
    }

    private byte[] mail(String id, Schema schema, String body) {
        GenericRecord mail = new GenericData.Record(schema);
        mail.put("id", id);
        mail.put("sender", "sender");
        mail.put("body", body);
        if (schema.getField("subject") != null) {
            mail.put("subject", "Hi");
        }
        try (AvroSerializer<GenericRecord> serializer = new AvroSerializer<>(SchemaRegistry.connect(registry.url()))) {
            return serializer.serialize("mails", mail);
        }
    }

    private void send(byte[] mail) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("mails", mail)).get();
        }
    }

    /** Committed ones: counters would also count what a failure made ingest do again. */
    private long requests() {
        TopicPartition partition = new TopicPartition(Topic.REQUESTS_TEXT.topicName(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long count = 0;
            while (consumer.position(partition) < end) {
                count += consumer.poll(Duration.ofMillis(100)).count();
            }
            return count;
        }
    }

    private static long accepted(Ingest ingest) {
        return ingest.counters().of("spam").accepted();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private IngestConfig config() {
        String yaml = """
                brokers: %s
                registry: {url: "%s", patience: PT2S}
                state-directory: %s
                kafka: {default.api.timeout.ms: 5000, request.timeout.ms: 3000}
                """.formatted(broker.bootstrapServers(), registry.url(), directory.resolve("state"));
        return ConfigurationFile.parse("ingest.yaml", yaml, IngestConfig.class, Map.of());
    }
}
