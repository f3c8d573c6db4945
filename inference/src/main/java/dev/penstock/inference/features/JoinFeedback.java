package dev.penstock.inference.features;

import dev.penstock.inference.PipelineBinding;
import dev.penstock.models.features.KeyPlan;
import dev.penstock.models.features.RollingPlan;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Tells the keys of a request what feedback says about it. Keyed by request id; whichever comes first is kept for as long
 * as a window may still see the request. Of several words about one request the highest source's counts, and of that its
 * last: what it replaces is taken back.
 */
final class JoinFeedback extends KeyedCoProcessFunction<String, AskedRequest, GivenFeedback, LabelChange> {
    private final PipelineBinding pipeline;

    private transient RollingPlan plan;
    private transient ValueState<AskedRequest> asked;
    private transient ValueState<GivenFeedback> believed;

    JoinFeedback(PipelineBinding pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    public void open(OpenContext context) {
        plan = new RollingPlan(pipeline.rolling());
        Duration retention = plan.groups().stream()
                .filter(KeyPlan::readsFeedback)
                .map(KeyPlan::retention)
                .max(Duration::compareTo)
                .orElseThrow();
        asked = getRuntimeContext()
                .getState(Retention.valueState("asked-request", TypeInformation.of(AskedRequest.class), retention));
        believed = getRuntimeContext()
                .getState(
                        Retention.valueState("believed-feedback", TypeInformation.of(GivenFeedback.class), retention));
    }

    @Override
    public void processElement1(AskedRequest request, Context context, Collector<LabelChange> out) throws Exception {
        GivenFeedback known = believed.value();
        if (asked.value() == null && known != null) {
            change(request, known.label(), 1, out);
        }
        asked.update(request);
    }

    @Override
    public void processElement2(GivenFeedback feedback, Context context, Collector<LabelChange> out) throws Exception {
        GivenFeedback earlier = believed.value();
        if (earlier != null && !feedback.overrules(earlier)) {
            return;
        }
        believed.update(feedback);
        AskedRequest request = asked.value();
        if (request != null && (earlier == null || !earlier.label().equals(feedback.label()))) {
            if (earlier != null) {
                change(request, earlier.label(), -1, out);
            }
            change(request, feedback.label(), 1, out);
        }
    }

    private void change(AskedRequest request, String label, int change, Collector<LabelChange> out) {
        for (int group = 0; group < request.keys().length; group++) {
            String key = request.keys()[group];
            if (key != null && plan.groups().get(group).counts(label)) {
                out.collect(new LabelChange(group, key, request.eventTime(), label, change));
            }
        }
    }
}
