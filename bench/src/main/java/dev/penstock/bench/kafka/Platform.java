package dev.penstock.bench.kafka;

import dev.penstock.local.EmbeddedBroker;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker and a registry in this JVM, with the catalogue's topics. The caller closes it. */
public final class Platform implements AutoCloseable {
    /** A topic that is new may refuse a producer's first batch, take its second, and then never the first. */
    private static final Map<String, Object> ONE_AT_A_TIME =
            Map.of(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");

    private final EmbeddedBroker broker;
    private final EmbeddedRegistry registry;
    private final int partitions;
    private final Admin admin;

    private Platform(EmbeddedBroker broker, EmbeddedRegistry registry, int partitions) {
        this.broker = broker;
        this.registry = registry;
        this.partitions = partitions;
        this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    /**
     * @param directory for what they keep; it may grow by gigabytes
     * @param partitions of every topic that is read in parallel
     */
    public static Platform start(Path directory, int partitions) throws InterruptedException {
        EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0);
        Platform platform =
                new Platform(broker, EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0), partitions);
        new TopicCreator(platform.admin, platform.schemas(), partitions, (short) 1).createMissing();
        return platform;
    }

    public String brokers() {
        return broker.bootstrapServers();
    }

    public String registryUrl() {
        return registry.url();
    }

    /** Of every topic that is read in parallel. */
    public int partitions() {
        return partitions;
    }

    public Admin admin() {
        return admin;
    }

    public SchemaRegistry schemas() {
        return SchemaRegistry.connect(registry.url());
    }

    /** Makes a topic as one of the catalogue's is, but for its name, if it is not there. */
    public void createMissingTopic(String name, Topic like) throws InterruptedException {
        try {
            if (admin.listTopics().names().get().contains(name)) {
                return;
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot list topics: %s".formatted(e.getCause().getMessage()), e.getCause());
        }
        NewTopics.create(admin, List.of(new NewTopic(name, partitions, (short) 1).configs(like.settings())));
    }

    /** Sends a bundle the way that every model takes, and announces it. */
    public void publish(Bundle bundle) throws IOException, InterruptedException {
        try (KafkaProducer<String, SpecificRecord> producer = producer(ONE_AT_A_TIME)) {
            new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC())
                    .publish(bundle.directory(), List.of(), "bench");
        }
    }

    /** Has a group go on behind everything that the topic holds now. */
    public void skip(String group, String topic) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        ends(topic).forEach((partition, end) -> offsets.put(partition, new OffsetAndMetadata(end)));
        try {
            admin.alterConsumerGroupOffsets(group, offsets).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot move group '%s': %s".formatted(group, e.getCause().getMessage()), e.getCause());
        }
    }

    /** Offset behind the last record of each partition. */
    Map<TopicPartition, Long> ends(String topic) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        try {
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
            return ends;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot ask for the end of topic '%s': %s"
                            .formatted(topic, e.getCause().getMessage()),
                    e.getCause());
        }
    }

    /** Sends each request at once; for topics that have records already. */
    public KafkaProducer<String, InferenceRequest> promptProducer() {
        return producer(Map.of());
    }

    /** Fills a topic, which may be new. */
    public KafkaProducer<String, InferenceRequest> fillingProducer() {
        return producer(ONE_AT_A_TIME);
    }

    private <T extends GenericContainer> KafkaProducer<String, T> producer(Map<String, Object> further) {
        Map<String, Object> settings = new HashMap<>(further);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers());
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGE_RECORD_BYTES));
        settings.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        return new KafkaProducer<>(settings, new StringSerializer(), new AvroSerializer<>(schemas()));
    }

    @Override
    public void close() {
        admin.close();
        registry.close();
        broker.close();
    }
}
