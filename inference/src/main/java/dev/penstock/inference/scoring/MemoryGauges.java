package dev.penstock.inference.scoring;

import dev.penstock.flink.metrics.MetricGroups;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.Model;
import java.util.IdentityHashMap;
import org.apache.flink.metrics.MetricGroup;

/** What each loaded version takes, as long as it is loaded. For the task's thread. */
final class MemoryGauges {
    private final MetricGroup metrics;
    private final IdentityHashMap<ServedModel, MetricGroup> groups = new IdentityHashMap<>();

    MemoryGauges(MetricGroup metrics) {
        this.metrics = metrics;
    }

    void watch(ServedModel served) {
        Model model = served.model();
        // It may have been loaded before, and not be free yet: what is shown is the one that can serve.
        MetricGroups.remove(group(served));
        MetricGroup group = group(served);
        group.gauge("native-bytes", model::nativeBytes);
        groups.put(served, group);
    }

    void forget(ServedModel served) {
        MetricGroup group = groups.remove(served);
        if (group != null) {
            MetricGroups.remove(group);
        }
    }

    private MetricGroup group(ServedModel served) {
        return metrics.addGroup("model", served.version().getModel())
                .addGroup("version", Integer.toString(served.version().getVersion()));
    }
}
