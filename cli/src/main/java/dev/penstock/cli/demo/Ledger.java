package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was sent to one pipeline and what became of it, record by record: each outcome names the record it answers, so
 * that nothing is counted on trust. Thread-safe.
 */
final class Ledger {
    /** Where a source record is. */
    private record Position(int partition, long offset) {
        static Position of(Origin origin) {
            return new Position(origin.getPartition(), origin.getOffset());
        }
    }

    private record Sent(DemoEvent event, Instant at) {}

    /**
     * What is counted of a prediction.
     *
     * @param label empty if it abstained
     */
    private record Answer(int version, Optional<String> label, Map<String, Float> scores, Instant at) {
        static Answer of(Prediction prediction, Instant at) {
            return new Answer(
                    prediction.getModelVersion(),
                    prediction.getOutcome() instanceof Decision decision
                            ? Optional.of(decision.getLabel())
                            : Optional.empty(),
                    Map.copyOf(prediction.getScores()),
                    at);
        }
    }

    private final Map<Position, Sent> sent = new LinkedHashMap<>();
    private final Map<Position, Answer> predicted = new HashMap<>();
    private final Map<Position, DeadLetterCode> deadLettered = new HashMap<>();
    private final Set<Position> doubled = new HashSet<>();
    private int sending;

    /** An event is on its way. */
    synchronized void sending() {
        sending++;
    }

    /** The broker has it. */
    synchronized void sent(DemoEvent event, int partition, long offset, Instant at) {
        sent.put(new Position(partition, offset), new Sent(event, at));
    }

    synchronized void predicted(Prediction prediction, Instant at) {
        Position position = Position.of(prediction.getOrigin());
        Answer before = predicted.putIfAbsent(position, Answer.of(prediction, at));
        if (before != null || deadLettered.containsKey(position)) {
            doubled.add(position);
        }
    }

    synchronized void deadLettered(DeadLetter letter) {
        Position position = Position.of(letter.root());
        DeadLetterCode before = deadLettered.putIfAbsent(position, letter.code());
        if (before != null || predicted.containsKey(position)) {
            doubled.add(position);
        }
    }

    /** Sent records with no outcome of their own, except repetitions of an event that has one. */
    synchronized List<String> missing() {
        Set<String> answered = answeredIds();
        List<String> missing = new ArrayList<>();
        sent.forEach((position, record) -> {
            if (!hasOutcome(position) && !answered.contains(record.event().id())) {
                missing.add(record.event().id());
            }
        });
        return missing;
    }

    /** Sent records with no outcome of their own whose event has one under another record: what should be dropped. */
    synchronized int repetitionsWithoutOutcome() {
        Set<String> answered = answeredIds();
        return (int) sent.entrySet().stream()
                .filter(entry -> !hasOutcome(entry.getKey())
                        && answered.contains(entry.getValue().event().id()))
                .count();
    }

    /** Whether every event that is on its way has arrived and has an outcome, or is a repetition of one that has. */
    synchronized boolean isSettled() {
        return sent.size() == sending && missing().isEmpty();
    }

    synchronized boolean hasPrediction() {
        return !predicted.isEmpty();
    }

    synchronized Tally tally() {
        List<Judged> judged = new ArrayList<>();
        List<Long> latencies = new ArrayList<>();
        int version = 0;
        int abstained = 0;
        int answered = 0;
        for (Map.Entry<Position, Answer> entry : predicted.entrySet()) {
            Sent record = sent.get(entry.getKey());
            if (record == null) {
                continue; // Answered before the broker's acknowledgement of the event was seen here.
            }
            answered++;
            Answer answer = entry.getValue();
            version = Math.max(version, answer.version());
            latencies.add(Math.max(0, answer.at().toEpochMilli() - record.at().toEpochMilli()));
            if (answer.label().isEmpty()) {
                abstained++;
            } else if (record.event().label().isPresent()) {
                judged.add(
                        new Judged(record.event().label().get(), answer.label().get(), answer.scores()));
            }
        }
        Map<String, Integer> codes = new TreeMap<>();
        deadLettered.values().forEach(code -> codes.merge(code.name(), 1, Integer::sum));
        return new Tally(
                sent.size(),
                answered,
                deadLettered.size(),
                doubled.size(),
                abstained,
                judged,
                latencies,
                codes,
                version);
    }

    private boolean hasOutcome(Position position) {
        return predicted.containsKey(position) || deadLettered.containsKey(position);
    }

    private Set<String> answeredIds() {
        Set<String> ids = new HashSet<>();
        sent.forEach((position, record) -> {
            if (hasOutcome(position)) {
                ids.add(record.event().id());
            }
        });
        return ids;
    }
}
