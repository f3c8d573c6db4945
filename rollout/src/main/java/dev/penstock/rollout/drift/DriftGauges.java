package dev.penstock.rollout.drift;

import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** What metrics say of the drift of one version; written by its task, read by reporters. */
final class DriftGauges {
    private volatile double index;
    private volatile boolean drifting;

    static DriftGauges register(MetricGroup task, String model, int version) {
        DriftGauges gauges = new DriftGauges();
        MetricGroup group = task.addGroup("model", model).addGroup("version", Integer.toString(version));
        group.gauge("drift-psi", (Gauge<Double>) () -> gauges.index);
        group.gauge("drifting", (Gauge<Integer>) () -> gauges.drifting ? 1 : 0);
        return gauges;
    }

    void show(double largestIndex, boolean isDrifting) {
        index = largestIndex;
        drifting = isDrifting;
    }
}
