package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.StubModel;
import dev.penstock.inference.versions.ServedModel;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.metrics.NoOpMetricRegistry;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.runtime.metrics.groups.GenericMetricGroup;
import org.junit.jupiter.api.Test;

class MemoryGaugesTest {
    private final Map<String, Object> values = new TreeMap<>();
    private final MemoryGauges gauges = new MemoryGauges(new GenericMetricGroup(new Registry(), null, "task"));

    @Test
    void tellsWhatEachVersionTakesAsLongAsItIsLoaded() {
        ServedModel first = served(1);
        ServedModel second = served(2);
        gauges.watch(first);
        gauges.watch(second);
        assertThat(values)
                .isEqualTo(Map.of(
                        "task.model.spam.version.1.native-bytes", StubModel.NATIVE_BYTES,
                        "task.model.spam.version.2.native-bytes", StubModel.NATIVE_BYTES));

        gauges.forget(first);
        assertThat(values.keySet()).containsExactly("task.model.spam.version.2.native-bytes");

        gauges.watch(first);
        assertThat(values).hasSize(2);
    }

    private static ServedModel served(int version) {
        return new ServedModel(someModelVersion("spam", version), StubModel.scoring(0.5f));
    }

    /** Remembers what is registered. */
    private final class Registry extends NoOpMetricRegistry {
        @Override
        public void register(Metric metric, String name, AbstractMetricGroup<?> group) {
            if (metric instanceof Gauge<?> gauge) {
                values.put(group.getMetricIdentifier(name), gauge.getValue());
            }
        }

        @Override
        public void unregister(Metric metric, String name, AbstractMetricGroup<?> group) {
            values.remove(group.getMetricIdentifier(name));
        }
    }
}
