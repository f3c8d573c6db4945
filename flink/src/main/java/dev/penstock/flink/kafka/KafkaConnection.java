package dev.penstock.flink.kafka;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.ReadInputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.flink.records.WriteOutputRecord;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The brokers that a job reads and writes: the one place that makes its sources, sinks and clients. It is shipped with
 * operators, and each client belongs to whoever asked for it.
 *
 * @param brokers {@code host:port}, several with commas between them
 * @param settings of all clients, such as {@code security.protocol}
 */
public record KafkaConnection(String brokers, String group, Map<String, String> settings, RegistryConnection registry)
        implements Serializable {
    /** Longer than a checkpoint may take and a restart may last; below the broker's default limit of 15 minutes. */
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(14);

    private static final int FETCH_BYTES = 8 * 1024 * 1024;

    public KafkaConnection {
        settings = Map.copyOf(settings);
    }

    /** @param name the step's, and its uid */
    public DataStream<InputRecord> read(
            StreamExecutionEnvironment environment, KafkaSource<InputRecord> source, String name) {
        return environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), name)
                .uid(name);
    }

    /** Where there is no checkpoint, what the group has read is read; where there is no group, everything. */
    @SuppressWarnings("deprecation") // Kafka deprecates the enum that the connector's newest version asks for.
    public KafkaSource<InputRecord> source(List<String> topics, String client) {
        return source(topics, client, OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST));
    }

    /** Where there is no checkpoint, everything is read, whatever the group has read. */
    public KafkaSource<InputRecord> sourceOfAll(List<String> topics, String client) {
        return source(topics, client, OffsetsInitializer.earliest());
    }

    private KafkaSource<InputRecord> source(List<String> topics, String client, OffsetsInitializer start) {
        Properties reading = new Properties();
        reading.putAll(settings);
        reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        reading.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
        reading.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
        return KafkaSource.<InputRecord>builder()
                .setBootstrapServers(brokers)
                .setTopics(topics)
                .setGroupId(group)
                .setClientIdPrefix(group + "-" + client)
                .setStartingOffsets(start)
                .setDeserializer(new ReadInputRecord())
                .setProperties(reading)
                .build();
    }

    /**
     * Settings of a producer.
     *
     * @param defaults where {@link #settings} say nothing
     */
    public Properties producing(Map<String, String> defaults) {
        Properties writing = new Properties();
        writing.putAll(defaults);
        writing.putAll(settings);
        writing.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGEST_RECORD_BYTES));
        return writing;
    }

    /** A record is visible at once, and may be written again after a failure. */
    public Sink<OutputRecord> sink(Map<String, String> defaults) {
        return builder(producing(defaults))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .build();
    }

    /**
     * A record is visible to {@code read_committed} readers at the next checkpoint, once.
     *
     * @param writer a name that no other sink of the job has: its transactions go by it
     */
    public Sink<OutputRecord> transactionalSink(Map<String, String> defaults, String writer) {
        Properties writing = producing(defaults);
        writing.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Long.toString(TRANSACTION_TIMEOUT.toMillis()));
        return builder(writing)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(group + "-" + writer)
                .build();
    }

    private KafkaSinkBuilder<OutputRecord> builder(Properties writing) {
        return KafkaSink.<OutputRecord>builder()
                .setBootstrapServers(brokers)
                .setRecordSerializer(new WriteOutputRecord())
                .setKafkaProducerConfig(writing);
    }

    /** Of one type of record, from the beginning of what it is assigned, committed records only. */
    public <T extends SpecificRecord> Consumer<String, T> consumer(Class<T> type) {
        return consumer(type, registry.open());
    }

    public <T extends SpecificRecord> Consumer<String, T> consumer(Class<T> type, SchemaRegistry opened) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // Asking for a topic must not make it, with the broker's settings instead of the catalogue's.
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(all, new StringDeserializer(), AvroDeserializer.of(opened, type));
    }

    public Producer<String, SpecificRecord> producer(SchemaRegistry opened) {
        Properties all = producing(Map.of());
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers);
        return new KafkaProducer<>(all, new StringSerializer(), new AvroSerializer<>(opened));
    }
}
