package dev.penstock.inference.features;

import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.RegistryConnection;
import dev.penstock.models.features.Observation;
import dev.penstock.models.features.RollingPlan;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests that want rolling features to their keys. All others go on as they came, those that cannot be read
 * among them: whoever scores says what is wrong with them.
 */
final class RouteRequests extends ProcessFunction<InputRecord, InputRecord> {
    private final List<PipelineBinding> pipelines;
    private final RegistryConnection registry;

    private transient AvroDeserializer<InferenceRequest> deserializer;
    private transient Map<String, RollingPlan> plans;

    /** @param pipelines those with rolling features */
    RouteRequests(List<PipelineBinding> pipelines, RegistryConnection registry) {
        this.pipelines = List.copyOf(pipelines);
        this.registry = registry;
    }

    static OutputTag<FeatureRequest> of(PipelineBinding pipeline) {
        return new OutputTag<>(pipeline.pipeline(), TypeInformation.of(FeatureRequest.class));
    }

    @Override
    public void open(OpenContext context) {
        deserializer = AvroDeserializer.ofRequests(registry.open());
        plans = new HashMap<>();
        pipelines.forEach(pipeline -> plans.put(pipeline.pipeline(), new RollingPlan(pipeline.rolling())));
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<InputRecord> out) {
        InferenceRequest request = read(record);
        RollingPlan plan = request == null ? null : plans.get(request.getPipeline());
        if (plan == null || request.getRequestId().isEmpty()) {
            out.collect(record);
            return;
        }
        double[] features = new double[plan.featureNames().size()];
        Arrays.fill(features, Double.NaN);
        Observation observation = plan.observe(request);
        context.output(
                new OutputTag<>(request.getPipeline(), TypeInformation.of(FeatureRequest.class)),
                new FeatureRequest(
                        record.with(features),
                        request.getRequestId(),
                        observation.eventTime(),
                        observation.keys(),
                        observation.numbers(),
                        observation.values()));
    }

    private @Nullable InferenceRequest read(InputRecord record) {
        try {
            return deserializer.deserialize(record.topic(), record.value());
        } catch (MalformedRecordException | UnknownSchemaException e) {
            return null;
        }
    }
}
