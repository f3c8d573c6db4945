package dev.penstock.inference;

import dev.penstock.flink.FlinkSettings;
import dev.penstock.flink.Job;
import dev.penstock.flink.kafka.KafkaConnection;
import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.scoring.ScoreRequests;
import dev.penstock.inference.versions.Followed;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.models.transit.TopicFollower;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the job its ends in Kafka. */
public final class Inference {
    private static final Logger LOG = LoggerFactory.getLogger(Inference.class);

    private static final int SINK_BATCH_BYTES = 256 * 1024;
    /** Under load a millisecond's outcomes are more than Kafka's 16 KiB a partition. */
    private static final Map<String, String> SINK_DEFAULTS = Map.of(
            ProducerConfig.LINGER_MS_CONFIG, "1", ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(SINK_BATCH_BYTES));

    private static final int LARGEST_FILE_COUNT = 10_000;

    private Inference() {}

    /**
     * The job, as two files describe it.
     *
     * @param configuration {@code inference.yaml}
     * @param pipelines {@code pipelines.yaml}
     */
    public static Job job(Path configuration, Path pipelines, Map<String, String> environmentVariables) {
        InferenceConfig config = ConfigurationFile.read(configuration, InferenceConfig.class, environmentVariables);
        Pipelines known = Pipelines.read(pipelines, environmentVariables);
        LOG.info("Inference runs with:\n{}", EffectiveConfiguration.of(config));
        return new Job("penstock-inference", flinkSettings(config), environment -> define(environment, config, known));
    }

    /** What the job needs of Flink itself; for the environment it is defined in. */
    public static Configuration flinkSettings(InferenceConfig config) {
        // A record waits this long on the way from the source to its operator.
        return FlinkSettings.of(config, Duration.ofMillis(1));
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
        RegistryConnection registry = config.registry().connection();
        new InferenceJob(
                        bindings,
                        config.delivery(),
                        (modality, scored) -> new ScoreRequests.Settings(
                                modality,
                                bindings,
                                scored,
                                registry,
                                loader(config, bindings),
                                followed(config, Topic.MODEL_VERSIONS, ModelVersion.class),
                                followedRollouts(config),
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
        KafkaConnection kafka = config.connection();
        return kafka.read(environment, kafka.source(List.of(topic.topicName()), topic.topicName()), name);
    }

    /** Of Kafka's producer, as outcomes are written with. */
    public static Properties sinkSettings(InferenceConfig config) {
        return config.connection().producing(SINK_DEFAULTS);
    }

    /** @param writer a name that no other sink of the job has: its transactions go by it */
    static Sink<OutputRecord> sink(InferenceConfig config, String writer, Delivery delivery) {
        return switch (delivery) {
            case AT_LEAST_ONCE -> config.connection().sink(SINK_DEFAULTS);
            case EXACTLY_ONCE -> config.connection().transactionalSink(SINK_DEFAULTS, writer);
        };
    }

    private static ModelLoader loader(InferenceConfig config, List<PipelineBinding> bindings) {
        KafkaConnection kafka = config.connection();
        String cache = config.models().cache().toString();
        long largest = config.models().largestBundle().bytes();
        Duration patience = config.models().patience();
        Duration keptUnused = config.models().keptUnused();
        String trusted = config.models().trust() instanceof InferenceConfig.Trust.Keys keys
                ? keys.directory().toString()
                : null;
        return new TensorFlowLoader(
                version -> new BundleFetcher(
                                () -> kafka.consumer(ModelArtifactChunk.class),
                                Inference::open,
                                trusted == null
                                        ? BundleFetcher.Trust.inAnybody()
                                        : BundleFetcher.Trust.in(new TrustStore(Path.of(trusted))),
                                new BundleFetcher.Settings(
                                        Path.of(cache),
                                        new BundleLimits(largest, LARGEST_FILE_COUNT),
                                        patience,
                                        keptUnused))
                        .fetch(version),
                bindings);
    }

    /** Of two jobs that write for a while, the later decision holds, whichever record comes last. */
    static Followed<RolloutState> followedRollouts(InferenceConfig config) {
        KafkaConnection kafka = config.connection();
        return listener -> new TopicFollower<>(
                Topic.ROLLOUTS,
                () -> kafka.consumer(RolloutState.class),
                listener,
                Comparator.comparing(RolloutState::getChangedAt));
    }

    static <T extends SpecificRecord> Followed<T> followed(InferenceConfig config, Topic topic, Class<T> type) {
        KafkaConnection kafka = config.connection();
        return listener -> new TopicFollower<>(topic, () -> kafka.consumer(type), listener);
    }

    private static InputStream open(URI location) throws IOException {
        return FileSystem.get(location).open(new org.apache.flink.core.fs.Path(location));
    }
}
