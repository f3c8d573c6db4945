package dev.penstock.chaos.judging;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds what became of each event against what was promised. It is told of events by their numbers, which the sender
 * counts from 0, and of outcomes in the order in which a reader of committed records saw them, partition by partition.
 *
 * <p>Order is judged on the first time that each event appears: a repeat, which at-least-once allows, goes back in
 * time by its nature. Thread-safe.
 */
public final class Judge {
    private static final int EXAMPLES = 10;
    /** Of two tasks with two batches each, of 128 rows. */
    private static final int MOST_IN_FLIGHT = 2 * 2 * 128;

    private static final int LARGEST_NUMBER = Integer.MAX_VALUE - 1;

    private final Delivery delivery;
    private final List<Instant> steps;
    private final Duration hearing;

    private final BitSet sent = new BitSet();
    private final BitSet bad = new BitSet();
    private final BitSet acknowledged = new BitSet();
    private final BitSet requested = new BitSet();
    private final BitSet predicted = new BitSet();
    private final BitSet buried = new BitSet();
    private final BitSet repeated = new BitSet();

    private final Map<Place, Long> lastRequest = new HashMap<>();
    private final Map<Place, Long> lastPrediction = new HashMap<>();
    private final Map<Side, Integer> versions = new HashMap<>();
    private final List<String> examples = new ArrayList<>();

    private long repeatedRequests;
    private long unknown;
    private long outOfOrder;
    private long unsteady;
    private long astray;
    private long ofTheFirstVersion;
    private long ofOtherVersions;
    private long instead;
    private long mostInstead;

    private record Place(String entity, int partition) {}

    private record Side(String entity, int step) {}

    /**
     * @param steps when the rollout's steps begin, the earliest first; the first holds for all before it as well
     * @param hearing how long after a step's beginning either step's version is right: a job hears of it later
     */
    public Judge(Delivery delivery, List<Instant> steps, Duration hearing) {
        this.delivery = delivery;
        this.steps = List.copyOf(steps);
        this.hearing = hearing;
    }

    /** An event that must end as a prediction. */
    public synchronized void sentGood(long number) {
        sent.set(index(number));
    }

    /** An event that nothing can be predicted of, so that it must end as a dead letter. */
    public synchronized void sentBad(long number) {
        sent.set(index(number));
        bad.set(index(number));
    }

    /** The broker has it: it may not be lost any more. */
    public synchronized void acknowledged(long number) {
        acknowledged.set(index(number));
    }

    /** A committed request; ingest is exactly-once whatever the jobs are. */
    public synchronized void requested(long number, String entity, int partition) {
        if (isUnknown(number, "request")) {
            return;
        }
        if (requested.get(index(number))) {
            repeatedRequests++;
            example("event %d became two requests".formatted(number));
            return;
        }
        requested.set(index(number));
        requireOrder(lastRequest, new Place(entity, partition), number, "requests");
    }

    public synchronized void saw(Outcome outcome) {
        if (isUnknown(outcome.number(), outcome.toString())) {
            return;
        }
        int index = index(outcome.number());
        boolean first = !predicted.get(index) && !buried.get(index);
        if (!first) {
            repeated.set(index);
            if (delivery == Delivery.EXACTLY_ONCE) {
                example("event %d has a further outcome: %s".formatted(outcome.number(), outcome));
            }
        }
        if (outcome instanceof Outcome.Predicted prediction) {
            predicted.set(index);
            if (prediction.onTrial()) {
                requireSteadiness(prediction);
            }
            if (first) {
                instead += prediction.onTrial() ? 0 : 1;
                requireOrder(
                        lastPrediction,
                        new Place(prediction.entity(), prediction.partition()),
                        prediction.number(),
                        "predictions");
                if (prediction.version() == 1) {
                    ofTheFirstVersion++;
                } else {
                    ofOtherVersions++;
                }
            }
        } else {
            buried.set(index);
        }
        if (first && bad.get(index) == predicted.get(index)) {
            astray++;
            example("event %d, which is %s, became %s"
                    .formatted(outcome.number(), bad.get(index) ? "bad" : "good", outcome));
        }
    }

    /** What was being scored in a process that is gone may be answered by the champion instead of the canary. */
    public synchronized void scoringEnded() {
        mostInstead += MOST_IN_FLIGHT;
    }

    /** Whether every event that the broker has ended somewhere. */
    public synchronized boolean isComplete() {
        return missing().isEmpty();
    }

    /** How many have become requests, each counted once. */
    public synchronized long requests() {
        return requested.cardinality();
    }

    /** How many have ended, each counted once. */
    public synchronized long ended() {
        BitSet ended = (BitSet) predicted.clone();
        ended.or(buried);
        return ended.cardinality();
    }

    public synchronized Verdict verdict() {
        List<String> sentences = new ArrayList<>(examples);
        BitSet lost = missing();
        lost.stream()
                .limit(EXAMPLES)
                .mapToObj("event %d was acknowledged and has no outcome"::formatted)
                .forEach(sentences::add);
        BitSet both = (BitSet) predicted.clone();
        both.and(buried);
        both.stream()
                .limit(EXAMPLES)
                .mapToObj("event %d is a prediction and a dead letter"::formatted)
                .forEach(sentences::add);
        return new Verdict(
                delivery,
                sent.cardinality(),
                acknowledged.cardinality(),
                predicted.cardinality(),
                buried.cardinality(),
                new Verdict.Complaints(
                        lost.cardinality(),
                        repeated.cardinality(),
                        both.cardinality(),
                        repeatedRequests,
                        outOfOrder,
                        unsteady,
                        astray,
                        unknown),
                ofTheFirstVersion,
                ofOtherVersions,
                instead,
                mostInstead,
                sentences);
    }

    private BitSet missing() {
        BitSet missing = (BitSet) acknowledged.clone();
        missing.andNot(predicted);
        missing.andNot(buried);
        return missing;
    }

    private boolean isUnknown(long number, String what) {
        if (number >= 0 && number <= LARGEST_NUMBER && sent.get(index(number))) {
            return false;
        }
        unknown++;
        example("nobody sent event %d: %s".formatted(number, what));
        return true;
    }

    private void requireOrder(Map<Place, Long> last, Place place, long number, String topic) {
        Long before = last.put(place, number);
        if (before != null && before > number) {
            outOfOrder++;
            last.put(place, before);
            example("in %s event %d of %s comes after its event %d".formatted(topic, number, place, before));
        }
    }

    private void requireSteadiness(Outcome.Predicted prediction) {
        Integer step = stepAt(prediction.requestedAt());
        if (step == null) {
            return;
        }
        Integer known = versions.putIfAbsent(new Side(prediction.entity(), step), prediction.version());
        if (known != null && known != prediction.version()) {
            unsteady++;
            example("event %d of '%s' was answered by version %d, others of it in step %d by %d"
                    .formatted(prediction.number(), prediction.entity(), prediction.version(), step, known));
        }
    }

    /** Null while a job may not have heard of it. */
    private @Nullable Integer stepAt(Instant requestedAt) {
        int step = steps.size() - 1;
        while (step > 0 && requestedAt.isBefore(steps.get(step))) {
            step--;
        }
        boolean heard = step <= 0 || !requestedAt.isBefore(steps.get(step).plus(hearing));
        return heard ? step : null;
    }

    private void example(String sentence) {
        if (examples.size() < EXAMPLES) {
            examples.add(sentence);
        }
    }

    private static int index(long number) {
        if (number < 0 || number > LARGEST_NUMBER) {
            throw new IllegalArgumentException("Cannot judge event %d: events are counted from 0".formatted(number));
        }
        return (int) number;
    }
}
