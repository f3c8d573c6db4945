package dev.penstock.cli.demo;

import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Enters outcomes in the ledgers of the topics that their events came from. Thread-safe. */
final class Observer implements OutcomeReader.Listener {
    private final Map<String, Ledger> ledgersByTopic;
    private final BiConsumer<Prediction, Instant> further;
    private final AtomicInteger others = new AtomicInteger();
    private final AtomicReference<@Nullable Instant> firstPrediction = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    /**
     * @param ledgersByTopic by source topic
     * @param further told of predictions for events of those topics too, and when they were written
     */
    Observer(Map<String, Ledger> ledgersByTopic, BiConsumer<Prediction, Instant> further) {
        this.ledgersByTopic = Map.copyOf(ledgersByTopic);
        this.further = further;
    }

    /** When the first prediction was seen. */
    Optional<Instant> firstPrediction() {
        return Optional.ofNullable(firstPrediction.get());
    }

    /** Predictions for events of no ledger's topic. */
    int others() {
        return others.get();
    }

    /** @throws IllegalStateException if reading failed */
    void check() {
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("Cannot read predictions: " + failed.getMessage(), failed);
        }
    }

    @Override
    public void predicted(Prediction prediction, Instant written) {
        firstPrediction.compareAndSet(null, Instant.now());
        ledgerOf(prediction.getOrigin().getTopic())
                .ifPresentOrElse(
                        ledger -> {
                            ledger.predicted(prediction, written);
                            further.accept(prediction, written);
                        },
                        others::incrementAndGet);
    }

    @Override
    public void deadLettered(DeadLetter letter) {
        ledgerOf(letter.root().getTopic()).ifPresent(ledger -> ledger.deadLettered(letter));
    }

    @Override
    public void failed(RuntimeException cause) {
        failure.set(cause);
    }

    private Optional<Ledger> ledgerOf(String topic) {
        return Optional.ofNullable(ledgersByTopic.get(topic));
    }
}
