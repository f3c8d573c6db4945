package dev.penstock.inference.scoring;

import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.Model;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/** What each loaded version takes, as long as it is loaded. For the task's thread. */
final class MemoryGauges {
    private final MetricGroup metrics;
    private final Map<ServedModel, MetricGroup> groups = new HashMap<>();

    MemoryGauges(MetricGroup metrics) {
        this.metrics = metrics;
    }

    void watch(ServedModel served) {
        Model model = served.model();
        MetricGroup group = metrics.addGroup("model", served.version().getModel())
                .addGroup("version", Integer.toString(served.version().getVersion()));
        group.gauge("native-bytes", model::nativeBytes);
        groups.put(served, group);
    }

    void forget(ServedModel served) {
        MetricGroup group = groups.remove(served);
        // Flink's interface has no way to take a metric back, and versions come without end.
        if (group instanceof AbstractMetricGroup<?> registered) {
            registered.close();
        }
    }
}
