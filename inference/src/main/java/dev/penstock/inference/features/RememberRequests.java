package dev.penstock.inference.features;

import dev.penstock.inference.PipelineBinding;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Gives requests the features of one group that reads no feedback. */
final class RememberRequests extends KeyedProcessFunction<String, FeatureRequest, FeatureRequest> {
    private final PipelineBinding pipeline;
    private final int group;
    private transient KeyMemory memory;

    RememberRequests(PipelineBinding pipeline, int group) {
        this.pipeline = pipeline;
        this.group = group;
    }

    @Override
    public void open(OpenContext context) {
        memory = new KeyMemory(pipeline, group, getRuntimeContext());
    }

    @Override
    public void processElement(FeatureRequest request, Context context, Collector<FeatureRequest> out)
            throws Exception {
        memory.observe(request);
        out.collect(request);
    }
}
