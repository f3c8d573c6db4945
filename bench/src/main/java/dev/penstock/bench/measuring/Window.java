package dev.penstock.bench.measuring;

import java.time.Duration;

/**
 * Finds the rate of one run while it is watched: from the moment when a tenth of the answers is there, so that starting
 * does not count, to the last.
 */
final class Window {
    private static final double STARTING = 0.1;

    private final long expected;
    private Sample previous;
    private Sample first;
    private Sample last;

    /**
     * One look.
     *
     * @param nanos of a monotonic clock
     * @param processorNanos that was used by then, by everyone who takes part
     */
    record Sample(long nanos, long answers, long processorNanos) {}

    /**
     * @param start a look at a time when there were no answers
     * @param expected answers at the end
     */
    Window(Sample start, long expected) {
        this.expected = expected;
        this.previous = start;
        this.first = start;
        this.last = start;
    }

    /** Looks come in the order of their times. */
    void add(Sample sample) {
        double begin = expected * STARTING;
        if (previous.answers < begin && sample.answers >= begin) {
            first = between(previous, sample, begin);
        }
        previous = sample;
        last = sample;
    }

    boolean isComplete() {
        return last.answers >= expected;
    }

    double eventsPerSecond() {
        return (last.answers - first.answers) * 1e9 / (last.nanos - first.nanos);
    }

    double processorMicrosPerEvent() {
        return (last.processorNanos - first.processorNanos) / 1e3 / (last.answers - first.answers);
    }

    Duration length() {
        return Duration.ofNanos(last.nanos - first.nanos);
    }

    private static Sample between(Sample before, Sample after, double answers) {
        double part = (answers - before.answers) / (after.answers - before.answers);
        return new Sample(
                before.nanos + Math.round(part * (after.nanos - before.nanos)),
                Math.round(answers),
                before.processorNanos + Math.round(part * (after.processorNanos - before.processorNanos)));
    }
}
