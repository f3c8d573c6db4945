package dev.penstock.flink.metrics;

import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/**
 * Metrics of what comes and goes while a task runs, as versions of a model do. Flink's interface can only add metrics: they
 * stay until the task ends, as many as there ever were, and the last value of what is gone looks as if it were true now. So
 * this calls what Flink itself calls then, which is internal to it, and nothing else does.
 */
public final class MetricGroups {
    private MetricGroups() {}

    /**
     * Takes a group back, with all groups and metrics in it: no reporter shows them any more. Another group can then be
     * added in its place, which shows what it is given. What is done with a group that was taken back has no effect, and
     * neither has taking it back again. Flink remembers of it the place and its name, and lets go of its metrics.
     *
     * @param group that {@link MetricGroup#addGroup(String, String)} has returned; whoever adds the same group to the same
     *     parent is given the same one
     */
    public static void remove(MetricGroup group) {
        // Any other belongs to no registry, and shows nothing to anybody.
        if (group instanceof AbstractMetricGroup<?> registered) {
            registered.close();
        }
    }
}
