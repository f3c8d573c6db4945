package dev.penstock.rollout;

import static org.awaitility.Awaitility.await;

import dev.penstock.flink.Job;
import dev.penstock.flink.RunningJob;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Distribution;
import dev.penstock.schemas.DriftReference;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.VersionStanding;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.avro.generic.GenericContainer;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue's topics on the shared broker as one test sees them: a model and a pipeline of its own, and a consumer
 * group that starts behind what other tests left. What inference and people would write, the test writes.
 */
final class RolloutPlatform implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final List<Topic> READ = List.of(
            Topic.PREDICTIONS,
            Topic.SHADOW_PREDICTIONS,
            Topic.FEEDBACK,
            Topic.MODEL_VERSIONS,
            Topic.ROLLOUT_COMMANDS,
            Topic.ALERTS);

    private final SharedKafka kafka;
    private final RolloutConfig config;
    private final Pipelines pipelines;
    private final String model;
    private final String group = "test-" + UUID.randomUUID();
    private final KafkaProducer<String, GenericContainer> producer;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private int requests;

    /** @param plan changes to the plan for a demonstration, as in {@code rollout.yaml} */
    RolloutPlatform(SharedKafka kafka, Path directory, String plan) {
        this(kafka, directory, plan, "");
    }

    /** @param furtherSettings lines of {@code rollout.yaml} */
    RolloutPlatform(SharedKafka kafka, Path directory, String plan, String furtherSettings) {
        this(
                kafka,
                directory,
                "model-" + UUID.randomUUID(),
                plan,
                "joining: {settling: PT2S}%n%s".formatted(furtherSettings));
    }

    /** @param model its name and its pipeline's */
    RolloutPlatform(SharedKafka kafka, Path directory, String model, String plan, String furtherSettings) {
        this.kafka = kafka;
        this.model = model;
        kafka.createCatalogue();
        config = ConfigurationFile.parse(
                "rollout.yaml",
                """
                brokers: %s
                registry: {url: "%s"}
                group: %s
                checkpoints: {directory: "%s", interval: PT0.3S}
                plans: {preset: demo, standard: %s}
                tick: PT0.1S
                drift: {window-rows: 1000}
                %s
                """.formatted(
                                kafka.bootstrapServers(),
                                kafka.registryUrl(),
                                group,
                                directory.resolve("checkpoints").toUri(),
                                plan,
                                furtherSettings),
                RolloutConfig.class,
                Map.of());
        pipelines = ConfigurationFile.parse(
                "pipelines.yaml",
                "pipelines: {%s: {modality: text, model: %s}}".formatted(model, model),
                Pipelines.class,
                Map.of());
        startBehindOthers();
        producer = kafka.producer();
    }

    RunningJob start(Optional<Path> checkpoint) {
        return RunningJob.start(
                        new Job(
                                "rollout",
                                Rollout.flinkSettings(config),
                                environment -> Rollout.define(environment, config, pipelines)),
                        checkpoint)
                .running();
    }

    /** A job that goes on from the state of one that read another broker leaves out nothing of what this one is sent. */
    void standInForAnotherBroker() {
        // Further than any test writes.
        kafka.continueAt(1_000, READ);
    }

    /** Waits until the job has read everything that was sent, and a checkpoint has it. */
    void awaitRead() {
        flush();
        await().atMost(PATIENCE).until(() -> kafka.hasRead(group, READ));
    }

    /** The next request has this number: those before it were told of in another run. */
    void goOnWith(int request) {
        requests = request;
    }

    void announce(int version) {
        send(Topic.MODEL_VERSIONS, model + "/" + version, Fixtures.someModelVersion(model, version));
    }

    String model() {
        return model;
    }

    void announce(ModelVersion version) {
        send(Topic.MODEL_VERSIONS, model + "/" + version.getVersion(), version);
    }

    /** Announces a version that was judged on a thousand requests, whose amounts were normally distributed about 0. */
    void announceJudgedOn(int version, Random random) {
        KllFloatsSketch amounts = KllFloatsSketch.newHeapInstance(200);
        for (int row = 0; row < 1_000; row++) {
            amounts.update((float) random.nextGaussian());
        }
        Distribution distribution = Distribution.newBuilder()
                .setQuantiles(ByteBuffer.wrap(amounts.toByteArray()))
                .build();
        announce(ModelVersion.newBuilder(version(version))
                .setReference(DriftReference.newBuilder()
                        .setRows(1_000)
                        .setDistributions(Map.of("rolling.amount", distribution))
                        .build())
                .build());
    }

    ModelVersion version(int number) {
        return Fixtures.someModelVersion(model, number);
    }

    /**
     * A request of which the champion is right in every second, with a label by a person; the candidate's answer shadows.
     *
     * @return its number
     */
    int shadowed(int champion, int candidate, boolean isCandidateRight) {
        int number = requests++;
        String truth = truth(number);
        send(Topic.PREDICTIONS, number, champion, Variant.CHAMPION, number % 2 == 0 ? truth : other(truth));
        send(Topic.SHADOW_PREDICTIONS, number, candidate, Variant.SHADOW, isCandidateRight ? truth : other(truth));
        return number;
    }

    /** What a person says of a request that {@link #shadowed} or {@link #served} has told of. */
    void say(int number) {
        say(number, truth(number), FeedbackSource.HUMAN);
    }

    /** What shows by itself of such a request. */
    void show(int number) {
        say(number, truth(number), FeedbackSource.OUTCOME);
    }

    /** The same person says that it is the other way round. */
    void takeBack(int number) {
        say(number, other(truth(number)), FeedbackSource.HUMAN);
    }

    private void say(int number, String label, FeedbackSource source) {
        send(
                Topic.FEEDBACK,
                id(number),
                Feedback.newBuilder()
                        .setRequestId(id(number))
                        .setPipeline(model)
                        .setLabel(label)
                        .setSource(source)
                        .setSaidBy("ada")
                        .setSaidAt(Instant.now())
                        .build());
    }

    /** A request that one version answered under traffic. */
    int served(int version, Variant variant, boolean isRight) {
        int number = requests++;
        String truth = truth(number);
        send(Topic.PREDICTIONS, number, version, variant, isRight ? truth : other(truth));
        return number;
    }

    /** A request with a rolling feature, decided by the champion. */
    void seen(int champion, double amount) {
        int number = requests++;
        send(
                Topic.PREDICTIONS,
                id(number),
                Prediction.newBuilder(prediction(number, champion, Variant.CHAMPION, "spam"))
                        .setFeatures(Map.of("amount", amount))
                        .build());
    }

    /** @param version null for the one on trial */
    void command(RolloutAction action, @Nullable Integer version) {
        send(
                Topic.ROLLOUT_COMMANDS,
                model,
                RolloutCommand.newBuilder()
                        .setCommandId(UUID.randomUUID().toString())
                        .setModel(model)
                        .setAction(action)
                        .setVersion(version)
                        .setActor("ada")
                        .setReason("a test asks for it")
                        .setGivenAt(Instant.now())
                        .build());
    }

    /** The newest state, in the order of its own times; empty before there is one. */
    Optional<RolloutState> state() {
        return states().stream().max(Comparator.comparing(RolloutState::getChangedAt));
    }

    /** When the state was written that says so first, by its record's timestamp: when the job gave it to Kafka. */
    Instant writtenAt(Predicate<RolloutState> promise) {
        AvroDeserializer<RolloutState> deserializer = AvroDeserializer.of(kafka.registry(), RolloutState.class);
        return kafka.read(Topic.ROLLOUTS.topicName()).stream()
                .filter(record -> {
                    RolloutState state = deserializer.deserialize(record.topic(), record.value());
                    return state != null && state.getModel().equals(model) && promise.test(state);
                })
                .map(record -> Instant.ofEpochMilli(record.timestamp()))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** In the order in which they were written. */
    List<RolloutState> states() {
        return kafka.read(Topic.ROLLOUTS.topicName(), RolloutState.class).stream()
                .filter(state -> state.getModel().equals(model))
                .toList();
    }

    RolloutState awaitState(Predicate<RolloutState> promise) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(this::state, state -> state.isPresent() && promise.test(state.get()))
                .orElseThrow();
    }

    RolloutState awaitStage(int version, RolloutStage stage) {
        return awaitState(state -> stage(state, version).equals(Optional.of(stage)));
    }

    static Optional<RolloutStage> stage(RolloutState state, int version) {
        return state.getVersions().stream()
                .filter(standing -> standing.getVersion() == version)
                .map(VersionStanding::getStage)
                .findFirst();
    }

    static RolloutStep last(RolloutState state) {
        return state.getSteps().get(state.getSteps().size() - 1);
    }

    List<RolloutEvent> history() {
        return kafka.read(Topic.ROLLOUT_HISTORY.topicName(), RolloutEvent.class).stream()
                .filter(event -> event.getModel().equals(model))
                .toList();
    }

    List<Evaluation> evaluations() {
        return kafka.read(Topic.EVALUATIONS.topicName(), Evaluation.class).stream()
                .filter(evaluation -> evaluation.getModel().equals(model))
                .toList();
    }

    List<Alert> alerts() {
        return kafka.read(Topic.ALERTS.topicName(), Alert.class).stream()
                .filter(alert -> alert.getModel().equals(model))
                .toList();
    }

    private void send(Topic topic, int number, int version, Variant variant, String label) {
        send(topic, id(number), prediction(number, version, variant, label));
    }

    private Prediction prediction(int number, int version, Variant variant, String label) {
        Instant now = Instant.now();
        return Prediction.newBuilder(Fixtures.somePrediction(id(number)))
                .setPredictionId("%s/%d/%s".formatted(id(number), version, variant))
                .setPipeline(model)
                .setModel(model)
                .setModelVersion(version)
                .setVariant(variant)
                .setOutcome(new Decision(label, 0.9, List.of(label)))
                .setTiming(Timing.newBuilder()
                        .setReceivedAt(now)
                        .setRequestedAt(now)
                        .setScoredAt(now)
                        .setDecodeMicros(100)
                        .setScoreMicros(900)
                        .build())
                .build();
    }

    private static String truth(int number) {
        return number % 3 == 0 ? "ham" : "spam";
    }

    private static String id(int number) {
        return "id-" + number;
    }

    private static String other(String label) {
        return label.equals("spam") ? "ham" : "spam";
    }

    private void send(Topic topic, String key, GenericContainer value) {
        sent.add(producer.send(new ProducerRecord<>(topic.topicName(), key, value)));
    }

    /** Waits until everything that was sent is written. */
    void flush() {
        try {
            for (Future<RecordMetadata> record : sent) {
                record.get();
            }
            sent.clear();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void startBehindOthers() {
        Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
        List<Topic> topics = List.of(
                Topic.PREDICTIONS, Topic.SHADOW_PREDICTIONS, Topic.FEEDBACK, Topic.ROLLOUT_COMMANDS, Topic.ALERTS);
        for (Topic topic : topics) {
            kafka.ends(topic).forEach((partition, end) -> starts.put(partition, new OffsetAndMetadata(end)));
        }
        try (Admin admin = kafka.admin()) {
            admin.alterConsumerGroupOffsets(group, starts).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
