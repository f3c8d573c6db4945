package dev.penstock.deploy.containers;

import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericContainer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A broker and a schema registry in containers, one of each for the whole test run, with the catalogue's topics. Images
 * are named by the variables of {@code docker-compose.yml}.
 */
final class ContainedKafka implements BeforeAllCallback {
    static final int PARTITIONS = 4;

    private static final String KAFKA_VARIABLE = "PENSTOCK_KAFKA_IMAGE";
    private static final String KAFKA_IMAGE = "apache/kafka:4.2.1";
    private static final String REGISTRY_VARIABLE = "PENSTOCK_REGISTRY_IMAGE";
    private static final String REGISTRY_IMAGE = "apicurio/apicurio-registry:3.0.9";
    /** Of this Testcontainers: it removes what a run that was killed leaves behind. */
    private static final String REAPER_IMAGE = "testcontainers/ryuk:0.14.0";

    private static final String NO_REAPER_VARIABLE = "TESTCONTAINERS_RYUK_DISABLED";
    private static final int REGISTRY_PORT = 8080;
    private static final String REGISTRY_PATH = "/apis/ccompat/v7";
    private static final Duration REGISTRY_START = Duration.ofMinutes(2);

    private @Nullable Running running;

    private static final class Running implements AutoCloseable {
        private final KafkaContainer kafka;
        private final org.testcontainers.containers.GenericContainer<?> registry;

        Running() throws InterruptedException {
            String kafkaImage = image(KAFKA_VARIABLE, KAFKA_IMAGE);
            String registryImage = image(REGISTRY_VARIABLE, REGISTRY_IMAGE);
            Docker docker = Docker.ofThisMachine();
            docker.requireAnswer();
            docker.requireImage(kafkaImage, "name another with " + KAFKA_VARIABLE);
            docker.requireImage(registryImage, "name another with " + REGISTRY_VARIABLE);
            if (!Boolean.parseBoolean(System.getenv(NO_REAPER_VARIABLE))) {
                docker.requireImage(REAPER_IMAGE, "do without it with %s=true".formatted(NO_REAPER_VARIABLE));
            }
            kafka = new KafkaContainer(DockerImageName.parse(kafkaImage).asCompatibleSubstituteFor("apache/kafka"));
            registry = new org.testcontainers.containers.GenericContainer<>(DockerImageName.parse(registryImage))
                    .withExposedPorts(REGISTRY_PORT)
                    .withEnv("QUARKUS_HTTP_PORT", Integer.toString(REGISTRY_PORT))
                    .waitingFor(Wait.forHttp(REGISTRY_PATH + "/subjects").withStartupTimeout(REGISTRY_START));
            Stream.of(kafka, registry).parallel().forEach(container -> container.start());
        }

        private static String image(String variable, String usual) {
            String named = System.getenv(variable);
            return named == null || named.isBlank() ? usual : named;
        }

        @Override
        public void close() {
            registry.stop();
            kafka.stop();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        running = context.getRoot()
                .getStore(Namespace.create(ContainedKafka.class))
                .computeIfAbsent(Running.class, key -> start(), Running.class);
        try (Admin admin = admin()) {
            new TopicCreator(admin, registry(), PARTITIONS, (short) 1).createMissing();
        }
    }

    private static Running start() {
        try {
            return new Running();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String bootstrapServers() {
        return running().kafka.getBootstrapServers();
    }

    String registryUrl() {
        return "http://%s:%d%s"
                .formatted(
                        running().registry.getHost(), running().registry.getMappedPort(REGISTRY_PORT), REGISTRY_PATH);
    }

    SchemaRegistry registry() {
        return SchemaRegistry.connect(registryUrl());
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }

    void createTopic(String name) throws Exception {
        try (Admin admin = admin()) {
            NewTopics.create(admin, List.of(new NewTopic(name, PARTITIONS, (short) 1)));
        }
    }

    /** Of bytes as they are. */
    KafkaProducer<byte[], byte[]> bytesProducer() {
        return new KafkaProducer<>(producerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    <T extends GenericContainer> KafkaProducer<String, T> producer() {
        return new KafkaProducer<>(producerSettings(), new StringSerializer(), new AvroSerializer<>(registry()));
    }

    <T extends GenericContainer> KafkaProducer<String, T> transactionalProducer(String transactionalId) {
        Map<String, Object> settings = new HashMap<>(producerSettings());
        settings.put("transactional.id", transactionalId);
        return new KafkaProducer<>(settings, new StringSerializer(), new AvroSerializer<>(registry()));
    }

    private Map<String, Object> producerSettings() {
        return Map.of(
                "bootstrap.servers",
                bootstrapServers(),
                "max.request.size",
                Topic.LARGEST_RECORD_BYTES,
                // Of several requests, a topic that is new may refuse the first and take the second.
                "max.in.flight.requests.per.connection",
                1);
    }

    /** Everything committed in the topic now, as bytes. */
    List<ConsumerRecord<byte[], byte[]>> read(Topic topic) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", bootstrapServers(), "isolation.level", "read_committed");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** By partition, of those that have committed records. */
    Map<Integer, Long> lastOffsets(Topic topic) {
        return read(topic).stream()
                .collect(Collectors.toMap(ConsumerRecord::partition, ConsumerRecord::offset, Math::max));
    }

    private Running running() {
        if (running == null) {
            throw new IllegalStateException(
                    "Cannot use the broker before it runs; register this extension in a static field");
        }
        return running;
    }
}
