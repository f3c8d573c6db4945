package dev.penstock.retrain;

import static org.awaitility.Awaitility.await;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.flink.Job;
import dev.penstock.flink.RunningJob;
import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.architectures.ClassWeights;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.learning.CandidateBuilder;
import dev.penstock.models.learning.LearningSettings;
import dev.penstock.models.learning.ThresholdPolicy;
import dev.penstock.models.learning.TrainingSet;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.retrain.labels.LabelSettings;
import dev.penstock.retrain.runs.LearningPlan;
import dev.penstock.retrain.triggers.TriggerSettings;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The catalogue's topics on the shared broker as one test sees them: its own consumer group, which starts behind what other
 * tests left, its own pipeline and model, and mails.
 */
final class RetrainPlatform {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int HELD_OUT_EVERY = 5;

    private static final List<Topic> READ = List.of(
            Topic.REQUESTS_TEXT,
            Topic.PREDICTIONS,
            Topic.FEEDBACK,
            Topic.LABELLED_EXAMPLES,
            Topic.ALERTS,
            Topic.ROLLOUT_COMMANDS,
            Topic.ROLLOUTS,
            Topic.MODEL_VERSIONS,
            Topic.TRAINING_RUNS);

    private final SharedKafka kafka;
    private final Path directory;
    private final String group = "test-" + UUID.randomUUID();
    private final String model;
    private final SigningKey key;

    /**
     * @param model its name and its pipeline's, by which it is drawn what is held out: a name that is the test's own makes
     *     that the same each time
     */
    RetrainPlatform(SharedKafka kafka, Path directory, String model) throws IOException {
        this.kafka = kafka;
        this.model = model;
        this.directory = directory;
        this.key = SigningKey.generate(trusted(), "tester");
        kafka.createCatalogue();
        startBehindOthers();
    }

    /** A job that goes on from the state of one that read another broker leaves out nothing of what this one is sent. */
    void standInForAnotherBroker() {
        // Further than any test writes.
        kafka.continueAt(1_000, READ);
    }

    /** Waits until a job with this platform's group has read everything, and a checkpoint has it. */
    void awaitRead() {
        await().atMost(PATIENCE).until(() -> kafka.hasRead(group, READ));
    }

    String model() {
        return model;
    }

    Path trusted() {
        return directory.resolve("trusted");
    }

    Path bundles() {
        return directory.resolve("bundles");
    }

    Pipelines pipelines() {
        return ConfigurationFile.parse(
                "pipelines.yaml",
                "pipelines: {%s: {modality: text, model: %s}}".formatted(model, model),
                Pipelines.class,
                Map.of());
    }

    /**
     * For a first version that has learned so little that half of its golden answers may come out otherwise.
     *
     * @param newLabels that begin a training
     */
    RetrainConfig config(int newLabels, double dutyCycle) {
        return config(newLabels, dutyCycle, 0.5);
    }

    RetrainConfig config(int newLabels, double dutyCycle, double goldenAgreement) {
        return config(newLabels, dutyCycle, goldenAgreement, Map.of());
    }

    /** @param label that mails have of which nobody says anything for an hour */
    RetrainConfig silentlyKnown(String label) {
        return config(10_000, 1, 0.5, Map.of(model, new Silence(label, Duration.ofHours(1), 1)));
    }

    private RetrainConfig config(
            int newLabels, double dutyCycle, double goldenAgreement, Map<String, Silence> silence) {
        return config(
                LabelSettings.usual(),
                silence,
                new TriggerSettings(
                        newLabels, 0.5, Duration.ZERO, true, 100, Duration.ofHours(1), false, 3, Duration.ofSeconds(1)),
                dutyCycle,
                goldenAgreement);
    }

    /** For a job whose trainer is the test's own. */
    RetrainConfig config(LabelSettings labels, Map<String, Silence> silence, TriggerSettings triggers) {
        return config(labels, silence, triggers, 1, 0.5);
    }

    private RetrainConfig config(
            LabelSettings labels,
            Map<String, Silence> silence,
            TriggerSettings triggers,
            double dutyCycle,
            double goldenAgreement) {
        return new RetrainConfig(
                kafka.bootstrapServers(),
                new Registry(URI.create(kafka.registryUrl()), Duration.ofMinutes(1), Map.of()),
                group,
                new Checkpoints(directory.resolve("checkpoints").toUri(), Duration.ofMillis(300)),
                StateBackend.ROCKSDB,
                new RetrainConfig.Models(
                        bundles(),
                        new RetrainConfig.Trust.Keys(trusted()),
                        trusted().resolve("tester.key"),
                        ByteSize.ofMebibytes(64),
                        ByteSize.ofMebibytes(64),
                        Optional.empty(),
                        Duration.ofSeconds(30),
                        Duration.ofDays(7)),
                labels,
                silence,
                triggers,
                Map.of(),
                quick(goldenAgreement),
                Map.of(),
                new RetrainConfig.Training(1, dutyCycle, 5_000, ByteSize.ofMebibytes(64), 5, 7),
                Optional.empty(),
                Map.of());
    }

    /** As fast as a small network can bear. */
    private static LearningPlan quick(double goldenAgreement) {
        LearningPlan.Gates gates =
                new LearningPlan.Gates(0.05, 50, 0.005, 0.01, 0.02, 0.05, 50, 0.02, goldenAgreement, 1.5, 2);
        return new LearningPlan(
                Start.PARENT, 10, 32, 0.01, ClassWeights.NONE, 3, 0.2, ThresholdPolicy.KEPT, 5_000, 20_000, 0.5, gates);
    }

    RunningJob start(RetrainConfig config, Optional<Path> checkpoint) {
        return RunningJob.start(
                new Job(
                        "retrain",
                        Retrain.flinkSettings(config),
                        environment -> Retrain.define(environment, config, pipelines())),
                checkpoint);
    }

    /** Version 1, which has seen few mails; a mean of word vectors, so that it takes seconds. */
    ModelVersion publishFirstVersion(int mails) throws IOException, InterruptedException {
        TextClassifier architecture = new TextClassifier(Mails.LABELS, new TextClassifier.Size(96, 4_096, 16, 0, 1));
        List<LabelledExample> training = new ArrayList<>();
        List<LabelledExample> heldOut = new ArrayList<>();
        for (Mail mail : Mails.bootstrap().subList(0, mails)) {
            ((training.size() + heldOut.size()) % HELD_OUT_EVERY == 0 ? heldOut : training).add(example(mail));
        }
        var candidate = new CandidateBuilder(
                        TensorFlowRuntime.inCallingThread(), LearningSettings.usual(architecture.usualTraining()))
                .first(
                        architecture,
                        model,
                        new TrainingSet(training, heldOut),
                        Map.of(),
                        progress -> {},
                        directory.resolve("first"));
        BundleSignature.write(candidate.bundle(), key);
        try (KafkaProducer<String, SpecificRecord> producer = kafka.producer()) {
            return new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC())
                    .publish(candidate.bundle().directory(), List.of(), "test");
        }
    }

    LabelledExample example(Mail mail) {
        return LabelledExample.newBuilder()
                .setRequestId(mail.id())
                .setPipeline(model)
                .setModel(model)
                .setEntityId(mail.id())
                .setEventTime(Fixtures.NOON)
                .setPayload(new TextPayload(mail.text()))
                .setLabel(mail.label())
                .setSource(FeedbackSource.HUMAN)
                .setSaidBy("ann")
                .setSaidAt(Fixtures.NOON)
                .setLabelledAt(Fixtures.NOON)
                .build();
    }

    /** Asks about each mail, decides it, and lets two people in turn say what it is. */
    void send(List<Mail> mails, UnaryOperator<String> label) {
        List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>();
        for (Mail mail : mails) {
            records.add(new ProducerRecord<>(
                    Topic.REQUESTS_TEXT.topicName(),
                    mail.id(),
                    Fixtures.request(mail.id(), model, new TextPayload(mail.text()))));
            records.add(new ProducerRecord<>(
                    Topic.PREDICTIONS.topicName(),
                    mail.id(),
                    Prediction.newBuilder(Fixtures.somePrediction(mail.id()))
                            .setPipeline(model)
                            .setModel(model)
                            .setModelVersion(1)
                            .setOutcome(new Decision("ham", 0.9, List.of("ham")))
                            .build()));
            records.add(new ProducerRecord<>(
                    Topic.FEEDBACK.topicName(),
                    mail.id(),
                    Feedback.newBuilder()
                            .setRequestId(mail.id())
                            .setPipeline(model)
                            .setLabel(label.apply(mail.label()))
                            .setSource(FeedbackSource.HUMAN)
                            .setSaidBy(records.size() % 2 == 0 ? "ann" : "bob")
                            .setSaidAt(Fixtures.NOON)
                            .build()));
        }
        sendAll(records);
    }

    /** Asks about a mail at that time, and decides that it is ham; nobody says anything of it. */
    void decideSilently(Mail mail, Instant eventTime) {
        sendAll(List.of(
                new ProducerRecord<>(
                        Topic.REQUESTS_TEXT.topicName(),
                        mail.id(),
                        InferenceRequest.newBuilder(Fixtures.request(mail.id(), model, new TextPayload(mail.text())))
                                .setEventTime(eventTime)
                                .build()),
                new ProducerRecord<>(
                        Topic.PREDICTIONS.topicName(),
                        mail.id(),
                        Prediction.newBuilder(Fixtures.somePrediction(mail.id()))
                                .setPipeline(model)
                                .setModel(model)
                                .setEventTime(eventTime)
                                .setOutcome(new Decision("ham", 0.9, List.of("ham")))
                                .build())));
    }

    void command(RolloutAction action) {
        command(action, UUID.randomUUID().toString());
    }

    void command(RolloutAction action, String commandId) {
        sendAll(List.of(new ProducerRecord<>(
                Topic.ROLLOUT_COMMANDS.topicName(),
                model,
                RolloutCommand.newBuilder()
                        .setCommandId(commandId)
                        .setModel(model)
                        .setAction(action)
                        .setActor("ada")
                        .setReason("to see it")
                        .setGivenAt(Instant.now())
                        .build())));
    }

    List<LabelledExample> examples() {
        return kafka.read(Topic.LABELLED_EXAMPLES.topicName(), LabelledExample.class).stream()
                .filter(example -> example.getModel().equals(model))
                .toList();
    }

    List<TrainingRun> runs() {
        return kafka.read(Topic.TRAINING_RUNS.topicName(), TrainingRun.class).stream()
                .filter(run -> run.getModel().equals(model))
                .toList();
    }

    /** Every announcement, repeats among them. */
    List<ModelVersion> versions(int version) {
        return kafka.read(Topic.MODEL_VERSIONS.topicName(), ModelVersion.class).stream()
                .filter(announced -> announced.getModel().equals(model) && announced.getVersion() == version)
                .toList();
    }

    List<Alert> alerts() {
        return kafka.read(Topic.ALERTS.topicName(), Alert.class).stream()
                .filter(alert -> alert.getModel().equals(model))
                .toList();
    }

    TrainingRun awaitRun(TrainingPhase... phases) {
        List<TrainingPhase> wanted = List.of(phases);
        return await().atMost(PATIENCE)
                .until(
                        () -> runs().stream()
                                .filter(run -> wanted.contains(run.getPhase()))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    void sendAll(List<ProducerRecord<String, SpecificRecord>> records) {
        try (KafkaProducer<String, SpecificRecord> producer = kafka.producer()) {
            List<Future<RecordMetadata>> sent =
                    records.stream().map(producer::send).toList();
            for (Future<RecordMetadata> record : sent) {
                record.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void startBehindOthers() {
        Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
        for (Topic topic : List.of(Topic.REQUESTS_TEXT, Topic.PREDICTIONS, Topic.FEEDBACK)) {
            kafka.ends(topic).forEach((partition, end) -> starts.put(partition, new OffsetAndMetadata(end)));
        }
        try (Admin admin = kafka.admin()) {
            admin.alterConsumerGroupOffsets(group, starts).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
