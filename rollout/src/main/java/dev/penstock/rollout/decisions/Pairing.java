package dev.penstock.rollout.decisions;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Makes pairs of candidate and control in order of arrival: the first of one side that waits goes with the first of the
 * other. Who gets a partner depends on nothing but order, so differences are as fair as the two sides are.
 */
final class Pairing {
    /** More than this wait only where one side has nothing to compare with. */
    private static final int MOST_WAITING = 1_024;

    private final Deque<Side> waiting = new ArrayDeque<>();
    private boolean candidatesWait;

    private record Side(double value, double weight) {}

    /**
     * @param difference candidate less control
     * @param weight the product of both weights: entities of the sides are independent of each other
     */
    record Pair(double difference, double weight) {}

    Optional<Pair> candidate(double value, double weight) {
        return offer(new Side(value, weight), true);
    }

    Optional<Pair> control(double value, double weight) {
        return offer(new Side(value, weight), false);
    }

    private Optional<Pair> offer(Side side, boolean isCandidate) {
        if (waiting.isEmpty() || candidatesWait == isCandidate) {
            candidatesWait = isCandidate;
            waiting.addLast(side);
            if (waiting.size() > MOST_WAITING) {
                waiting.removeFirst();
            }
            return Optional.empty();
        }
        Side other = waiting.removeFirst();
        double difference = isCandidate ? side.value() - other.value() : other.value() - side.value();
        return Optional.of(new Pair(difference, side.weight() * other.weight()));
    }

    void write(DataOutput out) throws IOException {
        out.writeBoolean(candidatesWait);
        out.writeInt(waiting.size());
        for (Side side : waiting) {
            out.writeDouble(side.value());
            out.writeDouble(side.weight());
        }
    }

    static Pairing read(DataInput in) throws IOException {
        Pairing pairing = new Pairing();
        pairing.candidatesWait = in.readBoolean();
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            pairing.waiting.addLast(new Side(in.readDouble(), in.readDouble()));
        }
        return pairing;
    }
}
