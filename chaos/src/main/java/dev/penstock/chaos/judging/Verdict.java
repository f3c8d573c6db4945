package dev.penstock.chaos.judging;

import java.util.List;

/**
 * What became of the events of one trial.
 *
 * @param sent events that were handed to the producer
 * @param acknowledged those of them that the broker has said it has
 * @param predictions events with one prediction or more
 * @param deadLetters events with one dead letter or more
 * @param firstVersion events that version 1 answered
 * @param otherVersions events that another version answered
 * @param instead events that the champion answered although a rollout was at its trial: what was being scored when a
 *     process died is kept from the canary, which may have killed it
 * @param mostInstead as many as can have been scored when processes died. If it was more, or one in twenty of all, something
 *     else is wrong
 * @param examples some of what was wrong, in sentences
 */
public record Verdict(
        Delivery delivery,
        long sent,
        long acknowledged,
        long predictions,
        long deadLetters,
        Complaints complaints,
        long firstVersion,
        long otherVersions,
        long instead,
        long mostInstead,
        List<String> examples) {
    private static final int MOST_INSTEAD_ONE_IN = 20;

    public Verdict {
        examples = List.copyOf(examples);
    }

    /**
     * What should be nothing.
     *
     * @param lost acknowledged events without an outcome
     * @param doubled events with more than one outcome, which at-least-once allows
     * @param contradictory events that are a prediction and a dead letter, which nothing allows
     * @param doubledRequests that ingest made of one event, which nothing allows
     * @param outOfOrder requests or predictions that come before an earlier one of their entity
     * @param unsteady predictions by another version than the entity's others of that step
     * @param astray good events that became dead letters, and bad ones that were predicted
     * @param unknown outcomes of events that nobody sent
     */
    public record Complaints(
            long lost,
            long doubled,
            long contradictory,
            long doubledRequests,
            long outOfOrder,
            long unsteady,
            long astray,
            long unknown) {}

    /** Whether everything is as promised. */
    public boolean holds() {
        return acknowledged > 0
                && complaints.lost == 0
                && (complaints.doubled == 0 || delivery == Delivery.AT_LEAST_ONCE)
                && complaints.contradictory == 0
                && complaints.doubledRequests == 0
                && complaints.outOfOrder == 0
                && complaints.unsteady == 0
                && instead <= Math.min(mostInstead, predictions / MOST_INSTEAD_ONE_IN)
                && complaints.astray == 0
                && complaints.unknown == 0;
    }
}
