package dev.penstock.inference.features;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.schemas.pipelines.Rolling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.jspecify.annotations.Nullable;

/**
 * The part of the graph that adds rolling features: requests go from key to key, one for each group, and then on to be
 * scored. Nothing waits for a watermark; each history goes by the times of its own events.
 *
 * @param direct requests of all other pipelines, as they came
 * @param enriched requests by pipeline, with their features
 * @param deadLetters of feedback that cannot be used; empty if no pipeline reads feedback
 */
public record RollingFeatures(
        DataStream<InputRecord> direct,
        Map<PipelineBinding, DataStream<InputRecord>> enriched,
        List<DataStream<OutputRecord>> deadLetters) {

    /**
     * @param feedback asked for if a pipeline reads it
     * @param pipelines all whose requests there are; one or more with rolling features
     */
    public static RollingFeatures define(
            DataStream<InputRecord> requests,
            Supplier<DataStream<InputRecord>> feedback,
            List<PipelineBinding> pipelines,
            RegistryConnection registry) {
        SingleOutputStreamOperator<InputRecord> routed = requests.process(new RouteRequests(pipelines, registry))
                .returns(TypeInformation.of(InputRecord.class))
                .name("route-record")
                .uid("route-record");
        List<PipelineBinding> looksBack = pipelines.stream()
                .filter(pipeline -> !pipeline.rolling().isEmpty())
                .toList();
        if (looksBack.stream().noneMatch(RollingFeatures::readsFeedback)) {
            return new RollingFeatures(routed, enriched(looksBack, routed, null), List.of());
        }
        SingleOutputStreamOperator<GivenFeedback> given = feedback.get()
                .process(new ReadFeedback(registry))
                .returns(TypeInformation.of(GivenFeedback.class))
                .name("decode-feedback")
                .uid("decode-feedback");
        return new RollingFeatures(
                routed, enriched(looksBack, routed, given), List.of(given.getSideOutput(ReadFeedback.DEAD_LETTERS)));
    }

    private static boolean readsFeedback(PipelineBinding pipeline) {
        return pipeline.rolling().stream().anyMatch(Rolling::readsFeedback);
    }

    private static Map<PipelineBinding, DataStream<InputRecord>> enriched(
            List<PipelineBinding> pipelines,
            SingleOutputStreamOperator<InputRecord> routed,
            @Nullable DataStream<GivenFeedback> feedback) {
        Map<PipelineBinding, DataStream<InputRecord>> enriched = new LinkedHashMap<>();
        for (PipelineBinding pipeline : pipelines) {
            DataStream<FeatureRequest> requests = routed.getSideOutput(RouteRequests.of(pipeline));
            enriched.put(
                    pipeline,
                    feedback != null && readsFeedback(pipeline)
                            ? enriched(pipeline, requests, labels(pipeline, requests, feedback))
                            : enriched(pipeline, requests, null));
        }
        return enriched;
    }

    private static DataStream<LabelChange> labels(
            PipelineBinding pipeline, DataStream<FeatureRequest> requests, DataStream<GivenFeedback> feedback) {
        String name = pipeline.pipeline();
        DataStream<AskedRequest> asked = requests.map(
                        request -> new AskedRequest(request.requestId(), request.eventTime(), request.keys()))
                .returns(TypeInformation.of(AskedRequest.class))
                .name("remember-" + name)
                .uid("remember-" + name);
        DataStream<GivenFeedback> own = feedback.filter(
                        given -> given.pipeline().equals(name))
                .name("feedback-" + name)
                .uid("feedback-" + name);
        return asked.keyBy(AskedRequest::requestId, Types.STRING)
                .connect(own.keyBy(GivenFeedback::requestId, Types.STRING))
                .process(new JoinFeedback(pipeline))
                .returns(TypeInformation.of(LabelChange.class))
                .name("join-feedback-" + name)
                .uid("join-feedback-" + name);
    }

    private static DataStream<InputRecord> enriched(
            PipelineBinding pipeline, DataStream<FeatureRequest> requests, @Nullable DataStream<LabelChange> labels) {
        DataStream<FeatureRequest> enriched = requests;
        for (int place = 0; place < pipeline.rolling().size(); place++) {
            int group = place;
            Rolling rolling = pipeline.rolling().get(group);
            var keyed = enriched.keyBy(request -> request.keyOf(group), Types.STRING);
            SingleOutputStreamOperator<FeatureRequest> next = labels != null && rolling.readsFeedback()
                    ? keyed.connect(labels.filter(change -> change.group() == group)
                                    .name("labels-" + pipeline.pipeline() + "-" + rolling.name())
                                    .uid("labels-" + pipeline.pipeline() + "-" + rolling.name())
                                    .keyBy(LabelChange::key, Types.STRING))
                            .process(new RememberRequestsAndFeedback(pipeline, group))
                    : keyed.process(new RememberRequests(pipeline, group));
            String name = "rolling-" + pipeline.pipeline() + "-" + rolling.name();
            enriched = next.returns(TypeInformation.of(FeatureRequest.class))
                    .name(name)
                    .uid(name);
        }
        return enriched.map(FeatureRequest::record)
                .returns(TypeInformation.of(InputRecord.class))
                .name("enriched-" + pipeline.pipeline())
                .uid("enriched-" + pipeline.pipeline());
    }
}
