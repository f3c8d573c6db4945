package dev.penstock.inference.features;

import dev.penstock.inference.PipelineBinding;
import dev.penstock.models.features.KeyHistory;
import dev.penstock.models.features.KeyPlan;
import dev.penstock.models.features.Observation;
import dev.penstock.models.features.RollingPlan;
import java.io.IOException;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The history of the key that is being processed, in Flink's state. */
final class KeyMemory {
    private final KeyPlan plan;
    private final int group;
    private final long clockSkewMillis;
    private final ValueState<byte[]> saved;
    private final Counter lateEvents;
    private final Counter futureEvents;

    /** @param group place of the group among those of the pipeline */
    KeyMemory(PipelineBinding pipeline, int group, RuntimeContext context) {
        this.plan = new RollingPlan(pipeline.rolling()).groups().get(group);
        this.group = group;
        this.clockSkewMillis = pipeline.clockSkew().toMillis();
        this.saved = context.getState(Retention.valueState(
                "history", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO, plan.retention()));
        MetricGroup metrics = context.getMetricGroup()
                .addGroup("pipeline", pipeline.pipeline())
                .addGroup("rolling", plan.name());
        this.lateEvents = metrics.counter("late-events");
        this.futureEvents = metrics.counter("future-events");
    }

    /** Fills in the group's features and remembers the request. */
    void observe(FeatureRequest request) throws IOException {
        if (request.keys()[group] == null) {
            return;
        }
        KeyHistory history = plan.history(saved.value());
        Observation event = request.observation();
        if (history.isLate(event)) {
            lateEvents.inc();
        }
        history.observe(event, request.record().features());
        // One event of the year 3000 would make a key forget all that it knows.
        if (request.eventTime() > request.record().timestamp() + clockSkewMillis) {
            futureEvents.inc();
            return;
        }
        saved.update(history.bytes());
    }

    void label(LabelChange change) throws IOException {
        KeyHistory history = plan.history(saved.value());
        history.label(change.eventTime(), change.label(), change.change());
        saved.update(history.bytes());
    }
}
