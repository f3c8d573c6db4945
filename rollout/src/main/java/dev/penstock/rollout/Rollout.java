package dev.penstock.rollout;

import dev.penstock.flink.FlinkSettings;
import dev.penstock.flink.Job;
import dev.penstock.flink.kafka.KafkaConnection;
import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.rollout.deciding.KnownRollouts;
import dev.penstock.rollout.deciding.TopicReading;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the job its ends in Kafka. */
public final class Rollout {
    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    /** Commands that are older are not read again: requests are kept as long. */
    private static final Duration COMMANDS_REMEMBERED = Duration.ofDays(7);

    private Rollout() {}

    /**
     * The job, as two files describe it.
     *
     * @param configuration {@code rollout.yaml}
     * @param pipelines {@code pipelines.yaml}
     */
    public static Job job(Path configuration, Path pipelines, Map<String, String> environmentVariables) {
        RolloutConfig config = ConfigurationFile.read(configuration, RolloutConfig.class, environmentVariables);
        Pipelines known = Pipelines.read(pipelines, environmentVariables);
        LOG.info("Rollout runs with:\n{}", EffectiveConfiguration.of(config));
        return new Job("penstock-rollout", flinkSettings(config), environment -> define(environment, config, known));
    }

    /** What the job needs of Flink itself; for the environment it is defined in. */
    public static Configuration flinkSettings(RolloutConfig config) {
        // A command waits this long between two operators.
        return FlinkSettings.of(config, Duration.ofMillis(10));
    }

    /** Defines the job for every model that a pipeline asks. */
    public static void define(StreamExecutionEnvironment environment, RolloutConfig config, Pipelines pipelines) {
        RegistryConnection registry = config.registry().connection();
        new RolloutJob(config, pipelines, registry, known(config.connection()), Clock.systemUTC())
                .define(topic -> read(environment, config, topic), sink(config));
    }

    private static DataStream<InputRecord> read(
            StreamExecutionEnvironment environment, RolloutConfig config, Topic topic) {
        KafkaConnection kafka = config.connection();
        String name = topic.topicName();
        List<String> topics = List.of(name);
        // Versions are few and compacted: without a checkpoint their topic is all there is to know of them.
        return kafka.read(
                environment,
                topic == Topic.MODEL_VERSIONS ? kafka.sourceOfAll(topics, name) : kafka.source(topics, name),
                "read-" + name);
    }

    /** A record is visible at once: a rollback must not wait for a checkpoint. */
    private static Sink<OutputRecord> sink(RolloutConfig config) {
        return config.connection().sink(Map.of(ProducerConfig.LINGER_MS_CONFIG, "0"));
    }

    private static KnownRollouts known(KafkaConnection kafka) {
        return () -> {
            Map<String, RolloutState> states = new HashMap<>();
            TopicReading.read(
                    kafka.consumer(RolloutState.class),
                    Topic.ROLLOUTS.topicName(),
                    null,
                    record -> putState(states, record.key(), record.value()));
            Map<String, ModelVersion> announced = new HashMap<>();
            TopicReading.read(
                    kafka.consumer(ModelVersion.class),
                    Topic.MODEL_VERSIONS.topicName(),
                    null,
                    record -> put(announced, record.key(), record.value()));
            Map<String, List<ModelVersion>> versions = new HashMap<>();
            announced.values().forEach(version -> versions.computeIfAbsent(
                            version.getModel(), model -> new ArrayList<>())
                    .add(version));
            Set<String> obeyed = new HashSet<>();
            TopicReading.read(
                    kafka.consumer(RolloutEvent.class),
                    Topic.ROLLOUT_HISTORY.topicName(),
                    Clock.systemUTC().instant().minus(COMMANDS_REMEMBERED),
                    record -> obeyed(record.value(), states).ifPresent(obeyed::add));
            return new KnownRollouts.Known(states, versions, obeyed);
        };
    }

    /** The command that an event answers, if what follows from it was written as well. */
    private static Optional<String> obeyed(@Nullable RolloutEvent event, Map<String, RolloutState> states) {
        if (event == null || event.getCommandId() == null) {
            return Optional.empty();
        }
        RolloutState state = states.get(event.getModel());
        return state == null || state.getChangedAt().isBefore(event.getHappenedAt())
                ? Optional.empty()
                : Optional.of(event.getCommandId());
    }

    /** A job that was cut off may have written late what it had decided before. */
    static void putState(Map<String, RolloutState> newest, String key, @Nullable RolloutState written) {
        RolloutState before = newest.get(key);
        if (before == null || written == null || !written.getChangedAt().isBefore(before.getChangedAt())) {
            put(newest, key, written);
        } else {
            LOG.warn(
                    "Leaving out the rollout of '{}' as it was at {}, which was written after that of {}; if two rollout jobs write, stop one of them",
                    key,
                    written.getChangedAt(),
                    before.getChangedAt());
        }
    }

    private static <T> void put(Map<String, T> newest, String key, @Nullable T value) {
        if (value == null) {
            newest.remove(key);
        } else {
            newest.put(key, value);
        }
    }
}
