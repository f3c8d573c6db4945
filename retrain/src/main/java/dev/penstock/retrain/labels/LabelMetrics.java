package dev.penstock.retrain.labels;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What becomes of the labels of one pipeline: of those seen, each is counted in at most one of the others; silence is never seen. */
final class LabelMetrics {
    final Counter seen;
    /** Examples, corrections among them. */
    final Counter written;
    /** Their request was forgotten: they came after the retention. */
    final Counter late;
    /** No request came for them within the retention. */
    final Counter unknown;
    /** They said once more what was believed already. */
    final Counter repeated;
    /** They were believed instead of another label. */
    final Counter contradicting;
    /** They were not believed: a higher or a later word was there. */
    final Counter overruled;
    /** They were not believed: another of the same kind had said something else before. */
    final Counter disputed;
    /** What systems say is not learned from. */
    final Counter ofSystems;
    /** Nobody spoke, and a rule takes that for a label. */
    final Counter silent;
    /** Nobody spoke of requests that were not let through, which says nothing. */
    final Counter censored;
    /** What was decided did not come, and without it something is missing. */
    final Counter undecided;

    LabelMetrics(MetricGroup metrics, String pipeline) {
        MetricGroup group = metrics.addGroup("pipeline", pipeline);
        seen = group.counter("labels-seen");
        written = group.counter("examples-written");
        late = group.counter("late-labels");
        unknown = group.counter("unknown-labels");
        repeated = group.counter("repeated-labels");
        contradicting = group.counter("contradicting-labels");
        overruled = group.counter("overruled-labels");
        disputed = group.counter("disputed-labels");
        ofSystems = group.counter("system-labels");
        silent = group.counter("silent-labels");
        censored = group.counter("censored-requests");
        undecided = group.counter("undecided-labels");
    }
}
