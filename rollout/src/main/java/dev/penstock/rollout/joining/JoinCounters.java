package dev.penstock.rollout.joining;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What happened to the answers and labels of one pipeline in one task. */
final class JoinCounters {
    private final Counter labels;
    private final Counter overruled;
    private final Counter unknown;
    private final Counter repeated;
    private final Counter contradicting;

    JoinCounters(MetricGroup task, String pipeline) {
        MetricGroup group = task.addGroup("pipeline", pipeline);
        labels = group.counter("labels");
        overruled = group.counter("overruled-labels");
        unknown = group.counter("unknown-labels");
        repeated = group.counter("repeated-answers");
        contradicting = group.counter("contradicting-answers");
    }

    void labelled() {
        labels.inc();
    }

    void overruled() {
        overruled.inc();
    }

    void unknown() {
        unknown.inc();
    }

    long unknownLabels() {
        return unknown.getCount();
    }

    /** @param isSame whether it is the same answer once more, and not a second one to a request that came twice */
    void repeated(boolean isSame) {
        (isSame ? repeated : contradicting).inc();
    }
}
