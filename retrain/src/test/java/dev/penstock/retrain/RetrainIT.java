package dev.penstock.retrain;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.flink.RunningJob;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.retrain.runs.Range;
import dev.penstock.retrain.runs.RunWatch;
import dev.penstock.retrain.runs.Trainer;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** From labels to a published version, with a real model and real mails. */
class RetrainIT {
    private static final int FEW = 200;
    private static final int MANY = 900;
    private static final int MAILS = 700;

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void labelsBecomeASignedVersionThatSaysWhatItIsMadeOf() throws Exception {
        RetrainPlatform platform = platform("mails-signed");
        ModelVersion first = platform.publishFirstVersion(FEW);

        TrainingRun run;
        try (RunningJob job = platform.start(platform.config(MAILS, 1), Optional.empty())) {
            platform.send(laterMails(), UnaryOperator.identity());
            run = platform.awaitRun(TrainingPhase.PUBLISHED, TrainingPhase.REFUSED, TrainingPhase.FAILED);
        }

        assertThat(run.getMessage()).contains("learned from").doesNotContain("refused");
        assertThat(run.getPhase()).isEqualTo(TrainingPhase.PUBLISHED);
        assertThat(run.getCause()).isEqualTo(TrainingCause.LABELS);
        assertThat(platform.runs())
                .extracting(TrainingRun::getPhase)
                .startsWith(TrainingPhase.STARTED, TrainingPhase.LEARNING)
                .endsWith(TrainingPhase.JUDGING, TrainingPhase.PUBLISHED);
        assertThat(platform.examples()).hasSize(MAILS).allSatisfy(example -> assertThat(example.getDecidedLabel())
                .isEqualTo("ham"));
        assertThat(platform.versions(2)).singleElement().satisfies(second -> {
            assertThat(second.getParent()).isEqualTo(1);
            assertThat(second.getPublishedBy()).isEqualTo("retrain");
            assertThat(second.getRefusedBecause()).isEmpty();
            assertThat(second.getReference()).isNotNull();
            ModelCard card = ModelCardReader.read(second.getCard());
            assertThat(card.metrics()).containsKey("serving.accuracy");
            assertThat(card.metrics().get("accuracy"))
                    .isGreaterThan(card.metrics().get("serving.accuracy"));
            assertThat(card.lineage())
                    .containsEntry("parent-digest", first.getDigest())
                    .containsEntry("cause", "labels")
                    .containsKeys("example-digest", "seed")
                    .containsEntry(
                            "labelled-examples",
                            run.getRanges().stream()
                                    .map(range ->
                                            "%d:%d-%d".formatted(range.getPartition(), range.getFrom(), range.getTo()))
                                    .collect(joining(" ")));
        });
        assertThat(run.getRanges().stream()
                        .mapToLong(range -> range.getTo() - range.getFrom())
                        .sum())
                .isEqualTo(MAILS);
    }

    @Test
    void aJobThatIsKilledWhileItTrainsMakesOneVersion() throws Exception {
        RetrainPlatform platform = platform("mails-killed");
        platform.publishFirstVersion(FEW);
        platform.send(laterMails(), UnaryOperator.identity());

        Path checkpoint;
        try (RunningJob job = platform.start(platform.config(MAILS, 0.05), Optional.empty())) {
            platform.awaitRun(TrainingPhase.LEARNING);
            awaitCheckpoint();
            checkpoint = job.cancel();
        }
        assertThat(platform.versions(2)).isEmpty();
        TrainingRun run;
        try (RunningJob job = platform.start(platform.config(MAILS, 1), Optional.of(checkpoint))) {
            run = platform.awaitRun(TrainingPhase.PUBLISHED, TrainingPhase.REFUSED, TrainingPhase.FAILED);
        }

        assertThat(run.getPhase()).isEqualTo(TrainingPhase.PUBLISHED);
        assertThat(platform.versions(2)).hasSize(1);
        assertThat(platform.versions(3)).isEmpty();
        assertThat(platform.runs()).extracting(TrainingRun::getRunId).containsOnly(platform.model() + "/2/1");
        assertThat(platform.runs())
                .filteredOn(report -> report.getPhase() == TrainingPhase.STARTED)
                .extracting(TrainingRun::getMessage)
                .hasSize(2)
                .last()
                .asString()
                .startsWith("Begun again after a restart");
        assertThat(platform.examples()).hasSize(MAILS);
    }

    /** The job died when the version was out and no report of it was. */
    @Test
    void aTrainingThatIsBegunAgainFindsWhatItPublished() throws Exception {
        RetrainPlatform platform = platform("mails-begun-again");
        platform.publishFirstVersion(FEW);
        TrainingOrder order = orderOf(platform, laterMails());

        Trainer.Outcome made;
        Trainer.Outcome found;
        try (Trainer trainer = Retrain.trainer(platform.config(MAILS, 1)).open()) {
            made = trainer.train(order, new Unwatched());
            found = trainer.train(order, new Unwatched());
        }

        assertThat(made.refusedBecause()).isEmpty();
        assertThat(found.refusedBecause()).isEmpty();
        assertThat(found.message()).contains("had been published before");
        assertThat(platform.versions(2)).hasSize(1);
    }

    /** What is held out is flipped as well: what a good version answered before is what tells. */
    @Test
    void flippedLabelsMakeAVersionThatIsRefused() throws Exception {
        RetrainPlatform platform = platform("mails-flipped");
        platform.publishFirstVersion(MANY);

        TrainingRun run;
        try (RunningJob job = platform.start(platform.config(MAILS, 1, 0.75), Optional.empty())) {
            platform.send(laterMails(), label -> label.equals("ham") ? "spam" : "ham");
            run = platform.awaitRun(TrainingPhase.PUBLISHED, TrainingPhase.REFUSED, TrainingPhase.FAILED);
        }

        assertThat(run.getPhase()).isEqualTo(TrainingPhase.REFUSED);
        assertThat(platform.versions(2)).singleElement().satisfies(second -> assertThat(second.getRefusedBecause())
                .anySatisfy(reason -> assertThat(reason).contains("golden")));
    }

    @Test
    void ofWhatNobodySpeaksItIsKnownOnceTheTimeOfRequestsHasPassed() {
        RetrainPlatform platform = platform("mails-silent");
        List<Mail> mails = laterMails();

        try (RunningJob job = platform.start(platform.silentlyKnown("ham"), Optional.empty())) {
            platform.decideSilently(mails.get(0), Fixtures.NOON);
            platform.decideSilently(mails.get(1), Fixtures.NOON.plus(Duration.ofHours(2)));
            await().atMost(Duration.ofMinutes(4))
                    .until(() -> !platform.examples().isEmpty());
        }

        assertThat(platform.examples()).singleElement().satisfies(example -> {
            assertThat(example.getRequestId()).isEqualTo(mails.get(0).id());
            assertThat(example.getLabel()).isEqualTo("ham");
            assertThat(example.getSource()).isEqualTo(FeedbackSource.SILENCE);
        });
    }

    @Test
    void silenceThatIsNoneOfTheModelsLabelsIsSaidBeforeAnythingIsLearned() throws Exception {
        RetrainPlatform platform = platform("mails-unknown-silence");
        platform.publishFirstVersion(FEW);
        TrainingOrder order = orderOf(platform, laterMails());

        try (Trainer trainer =
                Retrain.trainer(platform.silentlyKnown("legitimate")).open()) {
            assertThatThrownBy(() -> trainer.train(order, new Unwatched()))
                    .hasMessageContaining("silence counts as 'legitimate' and the model's labels are [ham, spam]");
        }
    }

    /** @param model a name of the test's own; see {@link RetrainPlatform} */
    private RetrainPlatform platform(String model) {
        try {
            return new RetrainPlatform(KAFKA, directory, model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPersonBeginsATrainingAndEndsIt() throws Exception {
        RetrainPlatform platform = platform("mails-by-hand");
        platform.publishFirstVersion(FEW);
        platform.send(laterMails(), UnaryOperator.identity());

        try (RunningJob job = platform.start(platform.config(10 * MAILS, 0.02), Optional.empty())) {
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> platform.examples().size() == MAILS);
            platform.command(RolloutAction.TRAIN);
            platform.awaitRun(TrainingPhase.LEARNING);
            platform.command(RolloutAction.CANCEL_TRAINING);
            platform.awaitRun(TrainingPhase.CANCELLED);
        }

        assertThat(platform.runs()).extracting(TrainingRun::getCause).containsOnly(TrainingCause.COMMAND);
        assertThat(platform.versions(2)).isEmpty();
        assertThat(platform.alerts()).isEmpty();
    }

    /** Of another time than those that version 1 has seen, and with more spam among them. */
    private static List<Mail> laterMails() {
        List<Mail> later = Mails.stream().stream()
                .filter(mail -> mail.period() == Mail.Period.LATER)
                .toList();
        return later.subList(0, MAILS);
    }

    private void awaitCheckpoint() {
        Path checkpoints = directory.resolve("checkpoints");
        Optional<Path> before = RunningJob.newest(checkpoints);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !RunningJob.newest(checkpoints).equals(before));
    }

    /** Writes the examples itself, and orders a training of exactly these. */
    private static TrainingOrder orderOf(RetrainPlatform platform, List<Mail> mails) {
        Map<TopicPartition, Long> before = KAFKA.ends(Topic.LABELLED_EXAMPLES);
        List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>();
        for (Mail mail : mails) {
            LabelledExample example = platform.example(mail);
            records.add(new ProducerRecord<>(Topic.LABELLED_EXAMPLES.topicName(), mail.id(), example));
        }
        platform.sendAll(records);
        List<Range> ranges = new ArrayList<>();
        KAFKA.ends(Topic.LABELLED_EXAMPLES)
                .forEach((partition, end) -> ranges.add(
                        new Range(partition.partition(), before.get(partition), before.get(partition), end)));
        ranges.sort(Comparator.comparingInt(Range::partition));
        return new TrainingOrder(
                platform.model(), 2, 1, 1, TrainingCause.LABELS, ranges, 11, "There are new labels", false, List.of());
    }

    private static final class Unwatched implements RunWatch {
        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void learning(long step, long steps, double loss, double heldOutScore) {}

        @Override
        public void judging() {}
    }
}
