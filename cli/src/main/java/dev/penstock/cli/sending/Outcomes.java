package dev.penstock.cli.sending;

import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of requests so far. An outcome is found by the place of its request: ids may have been used before.
 * Thread-safe.
 */
final class Outcomes implements OutcomeReader.Listener {
    private final Map<Origin, Arrival> arrivals = new HashMap<>();
    private @Nullable RuntimeException failure;

    /** @param nanoTime when it was seen here, by {@link System#nanoTime} */
    record Arrival(Outcome outcome, long nanoTime) {}

    /**
     * Waits until all have an outcome or the time is over.
     *
     * @return those that have one, by the place of the request
     */
    synchronized Map<Origin, Arrival> await(Set<Origin> requests, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!arrivals.keySet().containsAll(requests)) {
            if (failure != null) {
                throw new IllegalStateException("Cannot read outcomes: " + failure.getMessage(), failure);
            }
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                break;
            }
            wait(millis);
        }
        Map<Origin, Arrival> found = new HashMap<>(arrivals);
        found.keySet().retainAll(requests);
        return found;
    }

    @Override
    public void predicted(Prediction prediction, Instant written) {
        arrive(prediction.getOrigin(), Outcome.of(prediction));
    }

    @Override
    public void deadLettered(DeadLetter letter) {
        arrive(letter.from(), Outcome.of(letter));
    }

    @Override
    public synchronized void failed(RuntimeException cause) {
        failure = cause;
        notifyAll();
    }

    /** A repeat after a restart says nothing new. */
    private synchronized void arrive(Origin request, Outcome outcome) {
        arrivals.putIfAbsent(request, new Arrival(outcome, System.nanoTime()));
        notifyAll();
    }
}
