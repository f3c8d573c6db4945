package dev.penstock.local;

import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericContainer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * One broker and one registry for the whole test run, started by the first class that asks and stopped at its end. Each
 * test makes topics of its own.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SharedKafka KAFKA = new SharedKafka();
 * }</pre>
 */
public final class SharedKafka implements BeforeAllCallback {
    private static final int PARTITIONS = 4;

    private @Nullable Running running;

    private static final class Running implements AutoCloseable {
        private final Path directory;
        private final EmbeddedBroker broker;
        private final EmbeddedRegistry registry;

        Running() {
            try {
                directory = Files.createTempDirectory("penstock-kafka");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            broker = EmbeddedBroker.start(directory.resolve("broker"), 0);
            registry = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        }

        @Override
        public void close() throws IOException {
            registry.close();
            broker.close();
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        running = context.getRoot()
                .getStore(Namespace.create(SharedKafka.class))
                .computeIfAbsent(Running.class, key -> new Running(), Running.class);
    }

    public String bootstrapServers() {
        return running().broker.bootstrapServers();
    }

    public String registryUrl() {
        return running().registry.url();
    }

    public SchemaRegistry registry() {
        return SchemaRegistry.connect(registryUrl());
    }

    /** Creates the catalogue's topics, four partitions each; those that are there already are left alone. */
    public void createCatalogue() {
        try (Admin admin = admin()) {
            new TopicCreator(admin, registry(), PARTITIONS, (short) 1).createMissing();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public void createTopic(String name, int partitions, Map<String, String> settings) {
        try (Admin admin = admin()) {
            NewTopics.create(admin, List.of(new NewTopic(name, partitions, (short) 1).configs(settings)));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }

    public <T extends GenericContainer> KafkaProducer<String, T> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrapServers(),
                        "max.request.size", Integer.toString(Topic.LARGE_RECORD_BYTES),
                        // A topic that is new may refuse the first batch, take the second, and then never the first.
                        "max.in.flight.requests.per.connection", "1"),
                new StringSerializer(),
                new AvroSerializer<>(registry()));
    }

    /** Sends bytes as they are, and waits until they are written. */
    public void send(String topic, byte[] key, byte[] value) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything committed in the topic now, as bytes. */
    public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        return read(topic, Map.of());
    }

    /**
     * Everything committed in the topic now, as bytes.
     *
     * @param from offsets to begin at; partitions that it does not name are read from their beginning
     */
    public List<ConsumerRecord<byte[], byte[]>> read(String topic, Map<TopicPartition, Long> from) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrapServers(),
                "isolation.level", "read_committed",
                "fetch.max.wait.ms", "50");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            from.forEach(consumer::seek);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** Everything committed in the topic now, decoded. */
    public <T extends org.apache.avro.specific.SpecificRecord> List<T> read(String topic, Class<T> type) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(registry(), type);
        List<T> values = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read(topic)) {
            T value = deserializer.deserialize(topic, record.value());
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** The offset behind the last record of each of the topic's partitions. */
    public Map<TopicPartition, Long> ends(Topic topic) {
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            admin.describeTopics(List.of(topic.topicName()))
                    .allTopicNames()
                    .get()
                    .get(topic.topicName())
                    .partitions()
                    .forEach(partition -> latest.put(
                            new TopicPartition(topic.topicName(), partition.partition()), OffsetSpec.latest()));
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
            return ends;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a consumer group has committed everything that the topics have now. */
    public boolean hasRead(String group, List<Topic> topics) {
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return topics.stream()
                    .flatMap(topic -> ends(topic).entrySet().stream())
                    .allMatch(end -> {
                        OffsetAndMetadata read = committed.get(end.getKey());
                        return (read == null ? 0 : read.offset()) >= end.getValue();
                    });
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Lets the topics' partitions go on at the offset, or where they are if that is beyond it. Nobody finds anything before
     * it that was not there. A job that goes on from the state of one that read another broker then reads all that comes
     * from now on: its offsets are of that broker, and here they would be the end of nothing, or the middle of something.
     */
    public void continueAt(long offset, List<Topic> topics) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", bootstrapServers(), "transactional.id", "nothing-" + UUID.randomUUID());
        byte[] nothing = new byte[0];
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (Topic topic : topics) {
                ends(topic).forEach((partition, end) -> {
                    for (long missing = end; missing < offset; missing++) {
                        sent.add(producer.send(
                                new ProducerRecord<>(partition.topic(), partition.partition(), nothing, nothing)));
                    }
                });
            }
            for (Future<RecordMetadata> record : sent) {
                record.get();
            }
            // What is aborted takes offsets, and whoever reads what is committed never sees it.
            producer.abortTransaction();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Lets the registry mean that schema by that id, as the one did which a record was written with that is kept in
     * somebody's state.
     *
     * @param schema one that no topic has
     * @throws IllegalStateException if the id, or the schema, is taken
     */
    public void reserveSchema(int id, Schema schema) {
        SchemaRegistry registry = registry();
        String subject = "reserved-" + id;
        int newest = 0;
        while (newest < id - 1) {
            String unused = "unused" + UUID.randomUUID().toString().replace("-", "");
            newest = registry.register(subject + "-" + unused, Schema.createFixed(unused, null, null, 1));
        }
        int reserved = registry.register(subject, schema);
        if (reserved != id) {
            throw new IllegalStateException(
                    "Cannot reserve id %d for a schema: it has %d; use an id beyond those of the catalogue, for one schema"
                            .formatted(id, reserved));
        }
    }

    private Running running() {
        if (running == null) {
            throw new IllegalStateException(
                    "Cannot use the shared broker before it runs; register this extension in a static field");
        }
        return running;
    }
}
