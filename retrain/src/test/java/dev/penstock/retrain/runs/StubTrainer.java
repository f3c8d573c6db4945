package dev.penstock.retrain.runs;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Trains until the test says how that ends. */
final class StubTrainer implements Trainer {
    /** What it was asked for, in order. */
    final List<TrainingOrder> begun = new CopyOnWriteArrayList<>();

    final BlockingQueue<Ending> endings = new LinkedBlockingQueue<>();
    volatile boolean closed;

    /** How a training ends. */
    interface Ending {
        Outcome end(RunWatch watch) throws Exception;
    }

    @Override
    public Outcome train(TrainingOrder order, RunWatch watch) throws Exception {
        begun.add(order);
        Ending ending = null;
        while (ending == null) {
            if (watch.isCancelled()) {
                throw new CancelledRunException("cancelled");
            }
            ending = endings.poll(10, TimeUnit.MILLISECONDS);
        }
        return ending.end(watch);
    }

    void publishes() {
        endings.add(watch -> new Outcome(120, "Version is out", List.of(), List.of()));
    }

    void refuses() {
        endings.add(watch -> new Outcome(120, "It is worse", List.of("It is worse"), List.of("ann flips labels")));
    }

    void fails(String why) {
        endings.add(watch -> {
            throw new IllegalStateException(why);
        });
    }

    @Override
    public void close() {
        closed = true;
    }
}
