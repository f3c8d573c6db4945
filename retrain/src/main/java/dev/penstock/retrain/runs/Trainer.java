package dev.penstock.retrain.runs;

import java.io.Serializable;
import java.util.List;

/** Makes and publishes the version that an order asks for. On one thread at a time. */
public interface Trainer extends AutoCloseable {
    /**
     * Publishes one version, or finds that it has been published already; begun a second time it leaves no second one.
     *
     * @throws CancelledRunException if it stopped because it was told to
     * @throws Exception if it fails; the next attempt may not
     */
    Outcome train(TrainingOrder order, RunWatch watch) throws Exception;

    @Override
    void close();

    /** Opens one where it runs: clients cannot be shipped. */
    interface Opener extends Serializable {
        Trainer open();
    }

    /**
     * A version was published.
     *
     * @param examples that it learned from
     * @param message in a sentence with figures
     * @param refusedBecause sentences; empty if it passed every gate
     * @param suspicions of labels, in sentences
     */
    record Outcome(long examples, String message, List<String> refusedBecause, List<String> suspicions) {
        public Outcome {
            refusedBecause = List.copyOf(refusedBecause);
            suspicions = List.copyOf(suspicions);
        }
    }
}
