package dev.penstock.bench.variants;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.architectures.TrainingObserver;
import dev.penstock.models.architectures.TrainingProgress;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Trains the transformer on mails as the retrain job does with its defaults: one thread, a quarter of the time. One
 * training for as long as the process lives, which stands still between turns: what it takes to begin one is no part of
 * them.
 */
public final class TrainingLoop {
    private static final double DUTY_CYCLE = 0.25;
    private static final int ENDLESS = 10_000;

    private static @Nullable TrainingLoop running;

    private final Turns turns = new Turns();
    private volatile @Nullable Exception failure;

    private TrainingLoop() {}

    /** @return steps that were taken, each of which has a batch of examples */
    public static synchronized long steps(Duration time) throws InterruptedException {
        if (running == null) {
            TrainingLoop begun = new TrainingLoop();
            Thread thread = new Thread(begun::train, "training");
            thread.setDaemon(true);
            thread.start();
            running = begun;
        }
        long steps = running.turns.take(time);
        Exception failure = running.failure;
        if (failure != null) {
            throw new IllegalStateException("Cannot train: " + failure.getMessage(), failure);
        }
        return steps;
    }

    private void train() {
        try {
            Path directory = Files.createTempDirectory("penstock-training-loop");
            directory.toFile().deleteOnExit();
            Architecture network = new TextClassifier(Mails.LABELS, TextClassifier.Size.usual());
            List<LabelledPayload> mails =
                    Mails.bootstrap().stream().map(TrainingLoop::labelled).toList();
            new Training(TensorFlowRuntime.inCallingThread(), turns)
                    .firstVersion(
                            network,
                            "mails",
                            mails,
                            network.usualTraining().withEpochs(ENDLESS).withDutyCycle(DUTY_CYCLE),
                            directory.resolve("saved-model"));
            failure = new IllegalStateException("all epochs are over");
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            turns.end();
        }
    }

    private static LabelledPayload labelled(Mail mail) {
        return new LabelledPayload(new TextPayload(mail.text()), mail.label());
    }

    /** Lets the training take steps during a turn, and none between them. */
    private static final class Turns implements TrainingObserver {
        private boolean isReady;
        private boolean isOpen;
        private long steps;

        /** @return steps of this turn, which begins when the training is at a step */
        synchronized long take(Duration time) throws InterruptedException {
            while (!isReady) {
                wait();
            }
            long before = steps;
            isOpen = true;
            notifyAll();
            long deadline = System.nanoTime() + time.toNanos();
            for (long left = time.toNanos(); left > 0; left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            isOpen = false;
            return steps - before;
        }

        /** The training has failed: nobody need wait for it. */
        synchronized void end() {
            isReady = true;
            notifyAll();
        }

        @Override
        public void learned(TrainingProgress progress) {}

        @Override
        public synchronized void stepped(long step, long planned, double loss) {
            steps++;
        }

        /** Asked before each step; waiting here is no work, for which the training would rest. */
        @Override
        public synchronized boolean isCancelled() {
            isReady = true;
            notifyAll();
            try {
                while (!isOpen) {
                    wait();
                }
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        }
    }
}
