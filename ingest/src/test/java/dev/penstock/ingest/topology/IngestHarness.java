package dev.penstock.ingest.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.ingest.limits.TopicLimits;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The topology over pipelines, with a registry in memory and a clock that stands still until it is told. */
final class IngestHarness implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final AvroSerializer<GenericRecord> events;
    private final AvroDeserializer<InferenceRequest> requests;
    private final IngestCounters counters = new IngestCounters();
    private final TestClock clock = new TestClock();
    private final Topology built;
    private final TopologyTestDriver driver;
    private final Map<String, TestInputTopic<byte[], byte[]>> sources = new HashMap<>();

    /** @param value what dead letters carry; null for a deletion, or where it was left out */
    @SuppressWarnings("ArrayRecordComponent")
    record Dead(byte[] key, byte @Nullable [] value, Headers headers, DeadLetter letter) {}

    private static final class TestClock extends Clock {
        private Instant now = NOW;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    IngestHarness(String pipelines) {
        this(pipelines, SeenStores.inMemory(), new Properties());
    }

    IngestHarness(String pipelines, SeenStores stores, Properties more) {
        this(pipelines, SchemaRegistry.connect("mock://" + UUID.randomUUID()), stores, more);
    }

    IngestHarness(String pipelines, SchemaRegistry registry, SeenStores stores, Properties more) {
        events = new AvroSerializer<>(registry);
        requests = AvroDeserializer.of(registry, InferenceRequest.class);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "ingest-test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nobody:9092");
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.putAll(more);
        IngestTopology topology = new IngestTopology(
                ConfigurationFile.parse("test.yaml", pipelines, Pipelines.class, Map.of()),
                registry,
                TopicLimits.catalogue(),
                stores,
                counters,
                clock);
        built = topology.build(settings);
        driver = new TopologyTestDriver(built, settings, NOW);
    }

    Instant now() {
        return clock.now;
    }

    void clockIs(Instant now) {
        clock.now = now;
    }

    byte[] bytes(String topic, GenericRecord event) {
        return events.serialize(topic, event);
    }

    void send(String topic, GenericRecord event) {
        send(topic, event, clock.now);
    }

    void send(String topic, GenericRecord event, Instant timestamp) {
        send(topic, null, bytes(topic, event), new RecordHeaders(), timestamp);
    }

    void send(String topic, byte @Nullable [] key, byte @Nullable [] value, Headers headers, Instant timestamp) {
        sources.computeIfAbsent(
                        topic,
                        name -> driver.createInputTopic(name, new ByteArraySerializer(), new ByteArraySerializer()))
                .pipeInput(new TestRecord<>(key, value, headers, timestamp));
    }

    /** Those that were not read yet. */
    List<TestRecord<byte[], byte[]>> records(Topic topic) {
        return driver.createOutputTopic(topic.topicName(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** Those that were not read yet. */
    List<InferenceRequest> requests(Topic topic) {
        return records(topic).stream()
                .map(record -> requests.deserialize(topic.topicName(), record.value()))
                .toList();
    }

    /** Those that were not read yet, by id. */
    List<String> requestIds(Topic topic) {
        return requests(topic).stream().map(InferenceRequest::getRequestId).toList();
    }

    /** Those that were not read yet. */
    List<Dead> deadLetters() {
        return records(Topic.DEAD_LETTERS).stream()
                .map(record ->
                        new Dead(record.key(), record.value(), record.headers(), DeadLetter.read(record.headers())))
                .toList();
    }

    IngestCounters counters() {
        return counters;
    }

    Topology topology() {
        return built;
    }

    /** The value of a total among Kafka Streams' metrics. */
    double metric(String pipeline, String name) {
        return driver.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals(name)
                        && metric.getKey().tags().containsValue(pipeline))
                .mapToDouble(metric -> (Double) metric.getValue().metricValue())
                .sum();
    }

    static Headers headers(String name, String value) {
        Headers headers = new RecordHeaders();
        headers.add(name, value.getBytes(UTF_8));
        return headers;
    }

    @Override
    public void close() {
        driver.close();
    }
}
