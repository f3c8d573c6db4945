package dev.penstock.inference;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.records.ReadInputRecord;
import dev.penstock.inference.records.RegistryConnection;
import dev.penstock.inference.records.WriteOutputRecord;
import dev.penstock.inference.scoring.ScoreRequests;
import dev.penstock.inference.versions.Announcements;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.transit.AnnouncementFollower;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Gives the job its ends in Kafka: the one place in this module that makes clients. */
public final class Inference {
    /** Longer than a checkpoint may take and a restart may last; below the broker's default limit of 15 minutes. */
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(14);

    private static final int FETCH_BYTES = 8 * 1024 * 1024;
    private static final int SINK_BATCH_BYTES = 256 * 1024;
    private static final int LARGEST_FILE_COUNT = 10_000;

    private Inference() {}

    /** What the job needs of Flink itself; for the environment it is defined in. */
    public static Configuration flinkSettings(InferenceConfig config) {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL,
                config.checkpoints().interval());
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                config.checkpoints().directory().toString());
        settings.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        // Infrastructure that is away is waited for: at first a second, at most a minute, without end.
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofSeconds(1));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofMinutes(1));
        // A record waits this long on the way from the source to its operator; Flink's default is 100 ms.
        settings.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(1));
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(
                StateBackendOptions.STATE_BACKEND,
                switch (config.state()) {
                    case ROCKSDB -> "rocksdb";
                    case HEAP -> "hashmap";
                });
        config.metrics().ifPresent(metrics -> report(metrics, settings));
        return settings;
    }

    /** Read by a cluster that is started with these settings, and by no other. */
    private static void report(InferenceConfig.Metrics metrics, Configuration settings) {
        String reporter = "metrics.reporter.prometheus.";
        settings.setString(reporter + "factory.class", "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        settings.setString(reporter + "port", Integer.toString(metrics.port()));
        // Else a pipeline would lose the hyphens of its name.
        settings.setString(reporter + "filterLabelValueCharacters", "false");
    }

    /** Defines the job for every modality that a pipeline has. */
    public static void define(StreamExecutionEnvironment environment, InferenceConfig config, Pipelines pipelines) {
        config.requireKnown(pipelines);
        List<PipelineBinding> bindings =
                pipelines.all().stream().map(config::bind).toList();
        Map<Modality, DataStream<InputRecord>> requests = new EnumMap<>(Modality.class);
        for (PipelineBinding binding : bindings) {
            requests.computeIfAbsent(
                    binding.modality(),
                    modality -> read(
                            environment,
                            config,
                            Topic.requestsOf(modality),
                            "read-" + modality.name().toLowerCase(Locale.ROOT)));
        }
        RegistryConnection registry = registry(config.registry());
        new InferenceJob(
                        bindings,
                        config.delivery(),
                        (modality, scored) -> new ScoreRequests.Settings(
                                modality,
                                bindings,
                                scored,
                                registry,
                                loader(config, bindings, registry),
                                announcements(config, registry),
                                config.waiting().records(),
                                config.waiting().bytes().bytes(),
                                config.loaded(),
                                config.models().cache().resolve("in-flight").toString(),
                                config.delivery(),
                                Clock.systemUTC()),
                        (writer, delivery) -> sink(config, writer, delivery))
                .define(requests, () -> read(environment, config, Topic.FEEDBACK, "read-feedback"), registry);
    }

    static DataStream<InputRecord> read(
            StreamExecutionEnvironment environment, InferenceConfig config, Topic topic, String name) {
        return environment
                .fromSource(source(config, topic), WatermarkStrategy.noWatermarks(), name)
                .uid(name);
    }

    @SuppressWarnings("deprecation") // Kafka deprecates the enum that the connector's newest version asks for.
    private static KafkaSource<InputRecord> source(InferenceConfig config, Topic topic) {
        Properties settings = new Properties();
        settings.putAll(config.kafka());
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
        return KafkaSource.<InputRecord>builder()
                .setBootstrapServers(config.brokers())
                .setTopics(topic.topicName())
                .setGroupId(config.group())
                .setClientIdPrefix(config.group() + "-" + topic.topicName())
                // Where there is no checkpoint, what the group has read is read; where there is no group, everything.
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new ReadInputRecord())
                .setProperties(settings)
                .build();
    }

    /** Of Kafka's producer, as outcomes are written with. */
    public static Properties sinkSettings(InferenceConfig config) {
        Properties settings = new Properties();
        settings.putAll(config.kafka());
        settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "1");
        // Under load a millisecond's outcomes are more than Kafka's 16 KiB a partition.
        settings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(SINK_BATCH_BYTES));
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Long.toString(TRANSACTION_TIMEOUT.toMillis()));
        return settings;
    }

    /** @param writer a name that no other sink of the job has: its transactions go by it */
    static Sink<OutputRecord> sink(InferenceConfig config, String writer, Delivery delivery) {
        var builder = KafkaSink.<OutputRecord>builder()
                .setBootstrapServers(config.brokers())
                .setRecordSerializer(new WriteOutputRecord())
                .setKafkaProducerConfig(sinkSettings(config))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
        if (delivery == Delivery.EXACTLY_ONCE) {
            builder.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                    .setTransactionalIdPrefix(config.group() + "-" + writer);
        }
        return builder.build();
    }

    static RegistryConnection registry(InferenceConfig.Registry registry) {
        String url = registry.url().toString();
        Map<String, String> settings = new HashMap<>(registry.settings());
        Duration patience = registry.patience();
        return () -> SchemaRegistry.connect(url, settings, patience);
    }

    private static ModelLoader loader(
            InferenceConfig config, List<PipelineBinding> bindings, RegistryConnection registry) {
        String servers = config.brokers();
        Map<String, String> settings = new HashMap<>(config.kafka());
        String cache = config.models().cache().toString();
        long largest = config.models().largestBundle().bytes();
        Duration patience = config.models().patience();
        Duration keptUnused = config.models().keptUnused();
        String trusted = config.models().trust() instanceof InferenceConfig.Trust.Keys keys
                ? keys.directory().toString()
                : null;
        Map<String, Integer> mostRows = new HashMap<>();
        for (PipelineBinding binding : bindings) {
            mostRows.merge(binding.model(), binding.batching().rows(), Math::max);
        }
        return version -> {
            BundleFetcher fetcher = new BundleFetcher(
                    () -> consumer(servers, settings, registry, ModelArtifactChunk.class),
                    Inference::open,
                    trustIn(trusted),
                    new BundleFetcher.Settings(
                            Path.of(cache), new BundleLimits(largest, LARGEST_FILE_COUNT), patience, keptUnused));
            Bundle bundle = fetcher.fetch(version);
            TensorFlowModel model = TensorFlowModel.load(bundle, TensorFlowRuntime.inCallingThread());
            try {
                model.warmUpFor(mostRows.getOrDefault(version.getModel(), 1));
                return model;
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        };
    }

    private static BundleFetcher.Trust trustIn(@Nullable String keys) {
        if (keys == null) {
            return (bundle, digest) -> {};
        }
        TrustStore store = new TrustStore(Path.of(keys));
        return (bundle, digest) -> {
            try {
                store.require(bundle, digest);
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException(
                        "Cannot tell whom to trust (%s); put public keys into the directory that models.trust.keys names"
                                .formatted(e),
                        e);
            }
        };
    }

    static Announcements announcements(InferenceConfig config, RegistryConnection registry) {
        String servers = config.brokers();
        Map<String, String> settings = new HashMap<>(config.kafka());
        return listener ->
                new AnnouncementFollower(() -> consumer(servers, settings, registry, ModelVersion.class), listener);
    }

    private static <T extends SpecificRecord> Consumer<String, T> consumer(
            String servers, Map<String, String> settings, RegistryConnection registry, Class<T> type) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // Asking for a topic must not make it, with the broker's settings instead of the catalogue's.
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(all, new StringDeserializer(), AvroDeserializer.of(registry.open(), type));
    }

    private static InputStream open(URI location) throws IOException {
        return FileSystem.get(location).open(new org.apache.flink.core.fs.Path(location));
    }
}
