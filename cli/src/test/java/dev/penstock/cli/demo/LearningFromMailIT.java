package dev.penstock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.models.architectures.EarlyStopping;
import dev.penstock.models.architectures.Start;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.architectures.TrainingSettings;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.judging.Answers;
import dev.penstock.models.judging.GateSettings;
import dev.penstock.models.judging.Quality;
import dev.penstock.models.learning.Candidate;
import dev.penstock.models.learning.CandidateBuilder;
import dev.penstock.models.learning.LearningSettings;
import dev.penstock.models.learning.LearningTask;
import dev.penstock.models.learning.Selection;
import dev.penstock.models.learning.ThresholdPolicy;
import dev.penstock.models.learning.TrainingSet;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What 600 labelled later mails are worth to a model that knows earlier ones: on mails that came after those. */
class LearningFromMailIT {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final int LABELLED = 600;

    @TempDir
    private Path directory;

    @Test
    void findsMuchMoreLaterSpamAndIsHardlyLessPrecise() throws IOException {
        TensorFlowRuntime runtime = TensorFlowRuntime.inCallingThread();
        TextClassifier architecture = new TextClassifier(Mails.LABELS, TextClassifier.Size.usual());
        TrainingSettings training = architecture.usualTraining();
        List<LabelledExample> earlier = examples(Mails.bootstrap());
        List<LabelledExample> later = examples(Mails.stream().stream()
                .filter(mail -> mail.period() == Mail.Period.LATER)
                .toList());
        Bundle first = new CandidateBuilder(runtime, LearningSettings.usual(training))
                .first(
                        architecture,
                        "spam",
                        TrainingSet.select(List.of(), earlier, Selection.usual(), 1),
                        Map.of(),
                        progress -> {},
                        directory.resolve("first"))
                .bundle();

        LearningSettings settings = new LearningSettings(
                training.withLearningRate(training.learningRate() / 3).withEarlyStopping(new EarlyStopping(0.1, 2)),
                Start.PARENT,
                10,
                100,
                8,
                GateSettings.usual(),
                ThresholdPolicy.PRECISION_KEPT);
        TrainingSet labelled = TrainingSet.select(List.of(), later.subList(0, LABELLED), Selection.usual(), 1);
        long start = System.nanoTime();
        Candidate candidate = new CandidateBuilder(runtime, settings)
                .next(
                        new LearningTask(first, 2, labelled, Map.of()),
                        progress -> System.out.println(progress),
                        directory.resolve("next"));
        double seconds = (System.nanoTime() - start) / 1e9;

        List<LabelledExample> unseen = later.subList(LABELLED, later.size());
        Quality before = quality(first, unseen, runtime);
        Quality after = quality(candidate.bundle(), unseen, runtime);
        System.out.printf(
                "%d later mails: recall %.3f -> %.3f, precision %.3f -> %.3f, accuracy %.3f -> %.3f, ECE %.3f -> %.3f, in %.0f s%n",
                unseen.size(),
                before.recall().orElseThrow(),
                after.recall().orElseThrow(),
                before.precision().orElseThrow(),
                after.precision().orElseThrow(),
                before.accuracy(),
                after.accuracy(),
                before.calibrationError(),
                after.calibrationError(),
                seconds);
        System.out.println("threshold " + candidate.bundle().card().lineage().get("threshold"));
        candidate.report().gates().forEach(System.out::println);
        assertThat(candidate.report().refusals()).isEmpty();
        assertThat(after.recall().orElseThrow()).isGreaterThan(before.recall().orElseThrow() + 0.05);
        assertThat(after.precision().orElseThrow())
                .isGreaterThan(before.precision().orElseThrow() - 0.01);
    }

    private static Quality quality(Bundle bundle, List<LabelledExample> mails, TensorFlowRuntime runtime)
            throws IOException {
        try (TensorFlowModel model = TensorFlowModel.load(bundle, runtime)) {
            return Quality.of(Answers.of(model, mails, nanos -> {}));
        }
    }

    private static List<LabelledExample> examples(List<Mail> mails) {
        return mails.stream()
                .map(mail -> LabelledExample.newBuilder()
                        .setRequestId(mail.id())
                        .setPipeline("spam")
                        .setModel("spam")
                        .setEntityId(mail.id())
                        .setEventTime(NOON)
                        .setPayload(new TextPayload(mail.text()))
                        .setLabel(mail.label())
                        .setSource(FeedbackSource.HUMAN)
                        .setSaidAt(NOON)
                        .setLabelledAt(NOON)
                        .build())
                .toList();
    }
}
