package dev.penstock.bench.variants;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.architectures.TrainingCancelledException;
import dev.penstock.models.architectures.TrainingObserver;
import dev.penstock.models.architectures.TrainingProgress;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Trains the transformer on mails as the retrain job does with its defaults: one thread, a quarter of the time. */
public final class TrainingLoop {
    private static final double DUTY_CYCLE = 0.25;
    private static final int ENDLESS = 10_000;

    private TrainingLoop() {}

    /** @return steps that were taken, each of which has a batch of examples */
    public static long steps(Duration time) throws IOException {
        Path directory = Files.createTempDirectory("penstock-training-loop");
        Architecture network = new TextClassifier(Mails.LABELS, TextClassifier.Size.usual());
        List<LabelledPayload> mails =
                Mails.bootstrap().stream().map(TrainingLoop::labelled).toList();
        UntilThen observer = new UntilThen(System.nanoTime() + time.toNanos());
        try {
            new Training(TensorFlowRuntime.inCallingThread(), observer)
                    .firstVersion(
                            network,
                            "mails",
                            mails,
                            network.usualTraining().withEpochs(ENDLESS).withDutyCycle(DUTY_CYCLE),
                            directory.resolve("saved-model"));
            throw new IllegalStateException("Cannot train for %s: all epochs are over".formatted(time));
        } catch (TrainingCancelledException e) {
            return observer.steps;
        } finally {
            Files.delete(directory);
        }
    }

    private static LabelledPayload labelled(Mail mail) {
        return new LabelledPayload(new TextPayload(mail.text()), mail.label());
    }

    private static final class UntilThen implements TrainingObserver {
        private final long deadline;
        private long steps;

        UntilThen(long deadline) {
            this.deadline = deadline;
        }

        @Override
        public void learned(TrainingProgress progress) {}

        @Override
        public void stepped(long step, long planned, double loss) {
            steps++;
        }

        @Override
        public boolean isCancelled() {
            return System.nanoTime() >= deadline;
        }
    }
}
