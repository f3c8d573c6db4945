package dev.penstock.retrain;

import dev.penstock.flink.FlinkSettings;
import dev.penstock.flink.Job;
import dev.penstock.flink.kafka.KafkaConnection;
import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.retrain.labels.LearntPipeline;
import dev.penstock.retrain.runs.BundleTrainer;
import dev.penstock.retrain.runs.ExampleReader;
import dev.penstock.retrain.runs.TrainModels;
import dev.penstock.retrain.runs.Trainer;
import dev.penstock.retrain.triggers.TriggerTraining;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the job its ends in Kafka. */
public final class Retrain {
    private static final Logger LOG = LoggerFactory.getLogger(Retrain.class);

    private static final int LARGEST_FILE_COUNT = 10_000;
    /** The past is small and read within a second or two; a training more or less does not depend on it. */
    private static final Duration SETTLING = Duration.ofSeconds(3);
    /** Longer than a restart lasts: what somebody wanted before that, nobody may want any more. */
    private static final Duration VALIDITY = Duration.ofHours(1);

    private Retrain() {}

    /**
     * The job, as two files describe it.
     *
     * @param configuration {@code retrain.yaml}
     * @param pipelines {@code pipelines.yaml}
     */
    public static Job job(Path configuration, Path pipelines, Map<String, String> environmentVariables) {
        RetrainConfig config = ConfigurationFile.read(configuration, RetrainConfig.class, environmentVariables);
        Pipelines known = Pipelines.read(pipelines, environmentVariables);
        LOG.info("Retrain runs with:\n{}", EffectiveConfiguration.of(config));
        return new Job("penstock-retrain", flinkSettings(config), environment -> define(environment, config, known));
    }

    /** What the job needs of Flink itself; for the environment it is defined in. */
    public static Configuration flinkSettings(RetrainConfig config) {
        // Flink's default: nobody waits for a training's beginning.
        return FlinkSettings.of(config, Duration.ofMillis(100));
    }

    /** Defines the job for every pipeline; each model that one of them asks learns. */
    public static void define(StreamExecutionEnvironment environment, RetrainConfig config, Pipelines pipelines) {
        define(environment, config, pipelines, trainer(config));
    }

    static void define(
            StreamExecutionEnvironment environment, RetrainConfig config, Pipelines pipelines, Trainer.Opener trainer) {
        config.requireKnown(pipelines);
        KafkaConnection kafka = config.connection();
        RegistryConnection registry = config.registry().connection();
        new RetrainJob(
                        pipelines.all().stream()
                                .map(pipeline -> LearntPipeline.of(pipeline, config.silence()))
                                .toList(),
                        registry,
                        config.labels(),
                        new TriggerTraining.Settings(
                                config.triggers(),
                                config.triggersOf(),
                                config.training().seed(),
                                SETTLING,
                                VALIDITY),
                        new TrainModels.Settings(
                                registry, trainer, config.training().starts(), Clock.systemUTC()))
                .define(
                        kafka.read(environment, parts(kafka, pipelines), "read-labels"),
                        kafka.read(environment, news(kafka), "read-news"),
                        // A failure may repeat what was written since the last checkpoint; a repeat is the same, byte
                        // for byte.
                        kafka.sink(Map.of()));
    }

    /**
     * What is joined. Where there is no checkpoint, what the group has read is read: what was asked before is forgotten, and
     * no example is written twice.
     */
    private static KafkaSource<InputRecord> parts(KafkaConnection kafka, Pipelines pipelines) {
        List<String> topics = new ArrayList<>(List.of(Topic.PREDICTIONS.topicName(), Topic.FEEDBACK.topicName()));
        pipelines.all().stream()
                .map(Pipeline::modality)
                .distinct()
                .sorted()
                .forEach(modality -> topics.add(Topic.requestsOf(modality).topicName()));
        return kafka.source(topics, "labels");
    }

    /** What trainings are decided on. Where there is no checkpoint, all of it is read: it is small, and all that is known. */
    private static KafkaSource<InputRecord> news(KafkaConnection kafka) {
        List<String> topics = List.of(
                Topic.LABELLED_EXAMPLES.topicName(),
                Topic.ALERTS.topicName(),
                Topic.ROLLOUT_COMMANDS.topicName(),
                Topic.ROLLOUTS.topicName(),
                Topic.MODEL_VERSIONS.topicName(),
                Topic.TRAINING_RUNS.topicName());
        return kafka.sourceOfAll(topics, "news");
    }

    static Trainer.Opener trainer(RetrainConfig config) {
        KafkaConnection kafka = config.connection();
        String cache = config.models().cache().toString();
        String signingKey = config.models().signingKey().toString();
        String shared = config.models().shared().map(Path::toString).orElse(null);
        String trusted = config.models().trust() instanceof RetrainConfig.Trust.Keys keys
                ? keys.directory().toString()
                : null;
        long largest = config.models().largestBundle().bytes();
        long largestInChunks = config.models().largestInChunks().bytes();
        Duration patience = config.models().patience();
        Duration keptUnused = config.models().keptUnused();
        BundleTrainer.Settings training = new BundleTrainer.Settings(
                config.training().threads(),
                config.training().dutyCycle(),
                config.training().mostExamples(),
                config.labels().largestWeight(),
                config.learning(),
                config.learningOf(),
                config.silence().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, rule -> rule.getValue()
                        .label())));
        ExampleReader.Limits limits = new ExampleReader.Limits(
                config.training().mostExamples(),
                config.training().examplesMemory().bytes(),
                patience);
        return () -> {
            SchemaRegistry opened = kafka.registry().open();
            Producer<String, SpecificRecord> producer = kafka.producer(opened);
            try {
                return new BundleTrainer(
                        new PublishedVersions(() -> kafka.consumer(ModelVersion.class, opened)),
                        new BundleFetcher(
                                () -> kafka.consumer(ModelArtifactChunk.class, opened),
                                Retrain::open,
                                trusted == null
                                        ? BundleFetcher.Trust.inAnybody()
                                        : BundleFetcher.Trust.in(new TrustStore(Path.of(trusted))),
                                new BundleFetcher.Settings(
                                        Path.of(cache),
                                        new BundleLimits(largest, LARGEST_FILE_COUNT),
                                        patience,
                                        keptUnused)),
                        new ExampleReader(() -> kafka.consumer(LabelledExample.class, opened), limits),
                        SigningKey.read(Path.of(signingKey)),
                        producer,
                        new BundlePublisher.Limits(
                                largestInChunks, shared == null ? Optional.empty() : Optional.of(Path.of(shared))),
                        training,
                        Clock.systemUTC());
            } catch (IOException e) {
                producer.close();
                throw new UncheckedIOException(
                        "Cannot sign new versions (%s); let models.signing-key name a key of 'penstock keys generate'"
                                .formatted(e),
                        e);
            } catch (RuntimeException | Error e) {
                producer.close();
                throw e;
            }
        };
    }

    private static InputStream open(URI location) throws IOException {
        return FileSystem.get(location).open(new org.apache.flink.core.fs.Path(location));
    }
}
