package dev.penstock.retrain;

import static dev.penstock.schemas.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.EarlierSavepoint;
import dev.penstock.flink.Job;
import dev.penstock.flink.RunningJob;
import dev.penstock.flink.configuration.Silence;
import dev.penstock.local.SharedKafka;
import dev.penstock.retrain.labels.LabelSettings;
import dev.penstock.retrain.runs.RunWatch;
import dev.penstock.retrain.runs.Trainer;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.retrain.triggers.TriggerSettings;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.VersionStanding;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goes on from an {@link EarlierSavepoint}. Of what happened before it the broker knows nothing: versions, requests and
 * orders that are not sent again were in its state.
 */
class EarlierStateIT {
    /** Has labels, and not enough of them. */
    private static final String COUNTING = "earlier-counting";
    /** Is trained when the job stops, and a person wants another training after that. */
    private static final String TRAINING = "earlier-training";
    /** Could not be trained, and waits to be tried again. */
    private static final String FAILED = "earlier-failed";

    private static final int NEW_LABELS = 40;
    private static final int MOST_OF_ONE_SOURCE = NEW_LABELS / 2;
    private static final int ANNS_BEFORE = 30;
    private static final int ANNS_AFTER = NEW_LABELS - ANNS_BEFORE;
    private static final int BOBS_BEFORE = 5;
    /** Three more of Bob's labels are of requests that were asked before, or were said before. */
    private static final int BOBS_NEW = MOST_OF_ONE_SOURCE - BOBS_BEFORE - 3;

    private static final Instant LATER = NOON.plus(Duration.ofHours(2));
    /** What is older is forgotten, a savepoint's state too. */
    private static final Duration CENTURY = Duration.ofDays(36_500);
    /** Beyond those of the catalogue. */
    private static final int REQUEST_SCHEMA = 100;

    private static final Path SCHEMA = EarlierSavepoint.directory().resolve("InferenceRequest.avsc");
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    /** One platform for each model; a job for all. */
    private record Platforms(RetrainPlatform counting, RetrainPlatform training, RetrainPlatform failed) {
        List<RetrainPlatform> all() {
            return List.of(counting, training, failed);
        }
    }

    @Test
    void aJobOfThisVersionRemembersWhatOneOfAnEarlierVersionSaw() throws Exception {
        if (EarlierSavepoint.isToBeWritten()) {
            writeSavepoint();
        }
        Platforms platforms = platforms("after");
        KAFKA.reserveSchema(REQUEST_SCHEMA, new Schema.Parser().parse(Files.readString(SCHEMA)));
        platforms.counting.standInForAnotherBroker();
        Instant began = Instant.now();
        try (RunningJob job =
                start(platforms.counting, Optional.of(EarlierSavepoint.directory()), RefusingTrainer::new)) {
            // Obeyed before; were that forgotten, the next training would answer it.
            platforms.training.command(RolloutAction.TRAIN, "earlier-order");
            platforms.failed.command(RolloutAction.TRAIN, "another-attempt");
            theRestOfTheLabelsIsSaid(platforms);

            labelsFindWhatWasAskedBefore(platforms.counting);
            silenceFindsWhatWasAskedBefore(platforms.training);
            labelsOfBothTimesBeginATraining(platforms.counting, began);
            aTrainingIsBegunAgainAndTheNextFollows(platforms.training, began);
            aTrainingThatFailedIsTriedAgain(platforms.failed, began);
        }
    }

    private void theRestOfTheLabelsIsSaid(Platforms platforms) {
        RetrainPlatform counting = platforms.counting;
        // Of a request that has its label, it is no new one.
        say(counting, "bob-0", "ham", FeedbackSource.APPEAL, "carol");
        label(counting, "ann", ANNS_BEFORE, ANNS_AFTER, LATER);
        say(counting, "asked-before", "spam", FeedbackSource.HUMAN, "bob");
        ask(counting, "said-before", LATER);
        decide(counting, "said-before", LATER);
        label(counting, "bob", BOBS_BEFORE, BOBS_NEW, LATER);
        ask(platforms.training, "later", LATER);
        decide(platforms.training, "later", LATER);
    }

    private static void labelsFindWhatWasAskedBefore(RetrainPlatform platform) {
        LabelledExample askedBefore = awaitExample(platform, "asked-before", FeedbackSource.HUMAN);
        LabelledExample saidBefore = awaitExample(platform, "said-before", FeedbackSource.HUMAN);
        LabelledExample undecided = awaitExample(platform, "undecided", FeedbackSource.HUMAN);
        LabelledExample corrected = awaitExample(platform, "bob-0", FeedbackSource.APPEAL);

        assertThat(List.of(askedBefore, saidBefore, undecided, corrected))
                .extracting(LabelledExample::getPayload)
                .containsExactly(
                        payload("asked-before"), payload("said-before"), payload("undecided"), payload("bob-0"));
        assertThat(List.of(askedBefore, saidBefore, undecided))
                .extracting(LabelledExample::getLabel)
                .containsOnly("spam");
        assertThat(corrected.getLabel()).isEqualTo("ham");
        assertThat(List.of(askedBefore, saidBefore, corrected))
                .extracting(LabelledExample::getDecidedLabel)
                .containsOnly("ham");
        assertThat(undecided.getDecidedLabel()).isNull();
    }

    private static void silenceFindsWhatWasAskedBefore(RetrainPlatform platform) {
        LabelledExample silent = awaitExample(platform, "silent", FeedbackSource.SILENCE);

        assertThat(silent.getLabel()).isEqualTo("ham");
        assertThat(silent.getPayload()).isEqualTo(payload("silent"));
    }

    private static void labelsOfBothTimesBeginATraining(RetrainPlatform platform, Instant began) {
        TrainingRun run = awaitRun(platform, "/3/1", TrainingPhase.STARTED, began);

        assertThat(run.getCause()).isEqualTo(TrainingCause.LABELS);
        assertThat(run.getMessage()).isEqualTo("There are %d new labels", NEW_LABELS);
        assertThat(run.getParent()).isEqualTo(1);
        assertThat(platform.alerts())
                .filteredOn(alert -> alert.getCode() == AlertCode.SUSPICIOUS_LABELS)
                .singleElement()
                .satisfies(alert -> assertThat(alert.getMessage())
                        .startsWith("Source 'HUMAN ann' alone has given %d new labels".formatted(NEW_LABELS)));
    }

    private static void aTrainingIsBegunAgainAndTheNextFollows(RetrainPlatform platform, Instant began) {
        TrainingRun again = awaitRun(platform, "/2/1", TrainingPhase.STARTED, began);
        TrainingRun next = awaitRun(platform, "/3/1", TrainingPhase.STARTED, began);

        assertThat(again.getMessage()).startsWith("Begun again after a restart: ada asked for it");
        assertThat(again.getCommandIds()).containsExactly("earlier-order");
        assertThat(examples(again)).isEqualTo(3);
        assertThat(next.getCause()).isEqualTo(TrainingCause.COMMAND);
        assertThat(next.getCommandIds()).containsExactly("earlier-wish");
        // The version that was made meanwhile is refused.
        assertThat(next.getParent()).isEqualTo(1);
    }

    private static void aTrainingThatFailedIsTriedAgain(RetrainPlatform platform, Instant began) {
        TrainingRun again = awaitRun(platform, "/2/2", TrainingPhase.STARTED, began);

        assertThat(again.getCommandIds()).containsExactly("earlier-failure", "another-attempt");
        assertThat(examples(again)).isEqualTo(3);
        assertThat(again.getParent()).isEqualTo(1);
    }

    private static long examples(TrainingRun run) {
        return run.getRanges().stream()
                .mapToLong(range -> range.getTo() - range.getFrom())
                .sum();
    }

    private void writeSavepoint() throws Exception {
        Platforms platforms = platforms("before");
        // As any schema that has a later version by now, it is none of the catalogue's.
        Schema schema = new Schema.Parser()
                .parse(KAFKA.registry()
                        .newest(Topic.REQUESTS_TEXT.subject())
                        .orElseThrow()
                        .schema());
        schema.addProp("version", "earlier");
        KAFKA.reserveSchema(REQUEST_SCHEMA, schema);
        try (RunningJob job = start(platforms.counting, Optional.empty(), UnfinishedTrainer::new)) {
            platforms.all().forEach(platform -> announce(platform, 1));
            train(platforms, platforms.failed, "earlier-failure");
            platforms.failed.awaitRun(TrainingPhase.FAILED);
            train(platforms, platforms.training, "earlier-order");
            platforms.training.awaitRun(TrainingPhase.STARTED);
            platforms.training.command(RolloutAction.TRAIN, "earlier-wish");
            ask(platforms.training, "silent", NOON);
            decide(platforms.training, "silent", NOON);
            count(platforms.counting);
            platforms.counting.awaitRead();
            EarlierSavepoint.leave(job, directory.resolve("savepoints"));
        }
        Files.writeString(SCHEMA, schema + "\n");
    }

    /** Three labels, and a person who asks for a training with these. */
    private static void train(Platforms platforms, RetrainPlatform platform, String commandId) {
        label(platform, "ann", 0, 3, NOON);
        await().atMost(PATIENCE).until(() -> platform.examples().size() == 3);
        platforms.counting.awaitRead();
        platform.command(RolloutAction.TRAIN, commandId);
    }

    private static void count(RetrainPlatform platform) {
        announce(platform, 2);
        platform.sendAll(List.of(new ProducerRecord<>(
                Topic.ROLLOUTS.topicName(),
                COUNTING,
                RolloutState.newBuilder()
                        .setModel(COUNTING)
                        .setSteps(List.of(RolloutStep.newBuilder()
                                .setHoldsFrom(NOON)
                                .setChampion(1)
                                .build()))
                        .setVersions(List.of(standing(1, RolloutStage.CHAMPION), standing(2, RolloutStage.ROLLED_BACK)))
                        .setChangedAt(NOON)
                        .build())));
        label(platform, "ann", 0, ANNS_BEFORE, NOON);
        label(platform, "bob", 0, BOBS_BEFORE, NOON);
        await().atMost(PATIENCE).until(() -> platform.examples().size() == ANNS_BEFORE + BOBS_BEFORE);
        ask(platform, "asked-before", NOON);
        decide(platform, "asked-before", NOON);
        say(platform, "said-before", "spam", FeedbackSource.HUMAN, "bob");
        ask(platform, "undecided", NOON);
        say(platform, "undecided", "spam", FeedbackSource.HUMAN, "bob");
    }

    private static VersionStanding standing(int version, RolloutStage stage) {
        return VersionStanding.newBuilder()
                .setVersion(version)
                .setStage(stage)
                .setSince(NOON)
                .build();
    }

    private static void announce(RetrainPlatform platform, int version) {
        String model = platform.model();
        platform.sendAll(List.of(new ProducerRecord<>(
                Topic.MODEL_VERSIONS.topicName(), model + "/" + version, Fixtures.someModelVersion(model, version))));
    }

    /** Requests that were asked, decided, and called spam by somebody, after whom they are named. */
    private static void label(RetrainPlatform platform, String saidBy, int first, int count, Instant at) {
        for (int number = first; number < first + count; number++) {
            ask(platform, saidBy + "-" + number, at);
        }
        List<ProducerRecord<String, SpecificRecord>> records = IntStream.range(first, first + count)
                .mapToObj(number -> saidBy + "-" + number)
                .flatMap(id -> Stream.of(
                        decision(platform, id, at), feedback(platform, id, "spam", FeedbackSource.HUMAN, saidBy, at)))
                .toList();
        platform.sendAll(records);
    }

    /**
     * A request is kept in the wire format, which names its schema by the registry's id. Where it is read again the registry
     * is another, and the schema may have a later version.
     */
    private static void ask(RetrainPlatform platform, String id, Instant at) {
        String topic = Topic.REQUESTS_TEXT.topicName();
        byte[] record = new AvroSerializer<InferenceRequest>(KAFKA.registry())
                .serialize(
                        topic,
                        InferenceRequest.newBuilder(Fixtures.request(id, platform.model(), payload(id)))
                                .setEventTime(at)
                                .build());
        ByteBuffer.wrap(record).putInt(1, REQUEST_SCHEMA);
        KAFKA.send(topic, id.getBytes(StandardCharsets.UTF_8), record);
    }

    private static TextPayload payload(String id) {
        return new TextPayload("This is " + id);
    }

    private static void decide(RetrainPlatform platform, String id, Instant at) {
        platform.sendAll(List.of(decision(platform, id, at)));
    }

    private static ProducerRecord<String, SpecificRecord> decision(RetrainPlatform platform, String id, Instant at) {
        return new ProducerRecord<>(
                Topic.PREDICTIONS.topicName(),
                id,
                Prediction.newBuilder(Fixtures.somePrediction(id))
                        .setPipeline(platform.model())
                        .setModel(platform.model())
                        .setEventTime(at)
                        .setOutcome(new Decision("ham", 0.9, List.of("ham")))
                        .build());
    }

    private static void say(RetrainPlatform platform, String id, String label, FeedbackSource source, String saidBy) {
        platform.sendAll(List.of(feedback(platform, id, label, source, saidBy, LATER)));
    }

    private static ProducerRecord<String, SpecificRecord> feedback(
            RetrainPlatform platform, String id, String label, FeedbackSource source, String saidBy, Instant at) {
        return new ProducerRecord<>(
                Topic.FEEDBACK.topicName(),
                id,
                Feedback.newBuilder()
                        .setRequestId(id)
                        .setPipeline(platform.model())
                        .setLabel(label)
                        .setSource(source)
                        .setSaidBy(saidBy)
                        .setSaidAt(at)
                        .build());
    }

    private static LabelledExample awaitExample(RetrainPlatform platform, String id, FeedbackSource source) {
        return await().atMost(PATIENCE)
                .until(
                        () -> platform.examples().stream()
                                .filter(example -> example.getRequestId().equals(id) && example.getSource() == source)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** @param run after its model's name */
    private static TrainingRun awaitRun(RetrainPlatform platform, String run, TrainingPhase phase, Instant since) {
        return await().atMost(PATIENCE)
                .until(
                        () -> platform.runs().stream()
                                .filter(report -> !report.getReportedAt().isBefore(since)
                                        && report.getRunId().equals(platform.model() + run)
                                        && report.getPhase() == phase)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private Platforms platforms(String name) throws IOException {
        return new Platforms(platform(name, COUNTING), platform(name, TRAINING), platform(name, FAILED));
    }

    private RetrainPlatform platform(String name, String model) throws IOException {
        return new RetrainPlatform(KAFKA, directory.resolve(name).resolve(model), model);
    }

    private static RunningJob start(RetrainPlatform platform, Optional<Path> state, Trainer.Opener trainer) {
        Pipelines pipelines = ConfigurationFile.parse(
                "pipelines.yaml", """
                pipelines:
                  %1$s: {modality: text, model: %1$s}
                  %2$s: {modality: text, model: %2$s}
                  %3$s: {modality: text, model: %3$s}
                """.formatted(COUNTING, TRAINING, FAILED), Pipelines.class, Map.of());
        RetrainConfig config = platform.config(
                // Long enough that something waits for its decision when the job stops.
                new LabelSettings(CENTURY, Duration.ofSeconds(20), 20),
                Map.of(TRAINING, new Silence("ham", Duration.ofHours(1), 1)),
                new TriggerSettings(NEW_LABELS, 0.5, Duration.ZERO, true, 100, Duration.ZERO, false, 3, CENTURY));
        return RunningJob.start(
                new Job(
                        "retrain",
                        Retrain.flinkSettings(config),
                        environment -> Retrain.define(environment, config, pipelines, trainer)),
                1,
                state);
    }

    /** Has one training fail, and ends no other. */
    private static final class UnfinishedTrainer implements Trainer {
        @Override
        public Outcome train(TrainingOrder order, RunWatch watch) throws InterruptedException {
            if (order.model().equals(FAILED)) {
                throw new IllegalStateException("the test wants it so");
            }
            new CountDownLatch(1).await();
            throw new IllegalStateException("Nobody ends it");
        }

        @Override
        public void close() {}
    }

    /** Makes a version that is worse. */
    private static final class RefusingTrainer implements Trainer {
        @Override
        public Outcome train(TrainingOrder order, RunWatch watch) {
            return new Outcome(3, "It is worse", List.of("It is worse"), List.of());
        }

        @Override
        public void close() {}
    }
}
