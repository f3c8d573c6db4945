package dev.penstock.cli.letters;

import dev.penstock.cli.letters.Judged.RequestName;
import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What becomes of requests that were sent again. Thread-safe. */
final class ReplayOutcomes implements OutcomeReader.Listener {
    private final Map<RequestName, Outcome> byRequest = new HashMap<>();
    /** Dead letters, by the records that they are copies of. */
    private final Map<Origin, Outcome> byRecord = new HashMap<>();

    private @Nullable RuntimeException failure;

    /** @param isGood whether it is a prediction */
    record Outcome(boolean isGood, String words) {}

    /**
     * Waits until each of them has an outcome or the time is over.
     *
     * @param requests by the records that they were sent again with
     */
    synchronized void await(Map<Origin, Set<RequestName>> requests, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!requests.entrySet().stream().allMatch(each -> isOver(each.getKey(), each.getValue()))) {
            if (failure != null) {
                throw new IllegalStateException("Cannot read outcomes: " + failure.getMessage(), failure);
            }
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return;
            }
            wait(millis);
        }
    }

    private boolean isOver(Origin record, Set<RequestName> requests) {
        return byRecord.containsKey(record) || byRequest.keySet().containsAll(requests);
    }

    /** Of a record that was sent again; empty if there is none so far. */
    synchronized Optional<Outcome> of(Origin record, Set<RequestName> requests) {
        Outcome refused = byRecord.get(record);
        if (refused != null) {
            return Optional.of(refused);
        }
        Set<RequestName> open = new HashSet<>(requests);
        open.removeAll(byRequest.keySet());
        return open.isEmpty()
                ? requests.stream().map(byRequest::get).reduce((one, other) -> one.isGood() ? other : one)
                : Optional.empty();
    }

    @Override
    public void predicted(Prediction prediction, Instant written) {
        String outcome = prediction.getOutcome() instanceof Decision decision
                ? "decided: " + decision.getLabel()
                : prediction.getOutcome() instanceof Abstention abstention
                        ? "abstained: " + abstention.getReason()
                        : "answered";
        enter(
                new RequestName(prediction.getPipeline(), prediction.getRequestId()),
                new Outcome(true, "%s (version %d)".formatted(outcome, prediction.getModelVersion())));
    }

    @Override
    public synchronized void deadLettered(DeadLetter letter) {
        Outcome outcome = new Outcome(false, "dead letter: %s: %s".formatted(letter.code(), letter.reason()));
        byRecord.putIfAbsent(letter.from(), outcome);
        if (letter.pipeline().isPresent() && letter.requestId().isPresent()) {
            byRequest.putIfAbsent(
                    new RequestName(letter.pipeline().get(), letter.requestId().get()), outcome);
        }
        notifyAll();
    }

    @Override
    public synchronized void failed(RuntimeException cause) {
        failure = cause;
        notifyAll();
    }

    private synchronized void enter(RequestName request, Outcome outcome) {
        byRequest.putIfAbsent(request, outcome);
        notifyAll();
    }
}
