package dev.penstock.inference.features;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.requests.RequestReader;
import dev.penstock.models.features.Observation;
import dev.penstock.models.features.RollingPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Sends requests that want rolling features to their keys. All others go on as they came, what is no request among them:
 * whoever scores says what is wrong with it, and no key remembers it.
 */
final class RouteRequests extends ProcessFunction<InputRecord, InputRecord> {
    private final List<PipelineBinding> pipelines;
    private final RegistryConnection registry;

    private transient RequestReader reader;
    private transient Map<String, Route> routes;

    /** @param pipelines all whose requests come here, those without rolling features too */
    RouteRequests(List<PipelineBinding> pipelines, RegistryConnection registry) {
        this.pipelines = List.copyOf(pipelines);
        this.registry = registry;
    }

    /** Where requests of a pipeline with rolling features go. */
    static OutputTag<FeatureRequest> of(PipelineBinding pipeline) {
        return new OutputTag<>(pipeline.pipeline(), TypeInformation.of(FeatureRequest.class));
    }

    /** What a request needs on its way to its keys. */
    private record Route(RollingPlan plan, OutputTag<FeatureRequest> tag) {
        FeatureRequest start(Request.Addressed request) {
            double[] features = new double[plan.featureNames().size()];
            Arrays.fill(features, Double.NaN);
            Observation observation = plan.observe(request.content());
            return new FeatureRequest(
                    request.record().with(features),
                    request.content().getRequestId(),
                    observation.eventTime(),
                    observation.keys(),
                    observation.numbers(),
                    observation.values());
        }
    }

    @Override
    public void open(OpenContext context) {
        reader = new RequestReader(registry.open(), pipelines);
        routes = new HashMap<>();
        for (PipelineBinding pipeline : pipelines) {
            if (!pipeline.rolling().isEmpty()) {
                routes.put(pipeline.pipeline(), new Route(new RollingPlan(pipeline.rolling()), of(pipeline)));
            }
        }
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<InputRecord> out) {
        if (reader.read(record) instanceof Request.Addressed request) {
            Route route = routes.get(request.pipeline().pipeline());
            if (route != null) {
                context.output(route.tag(), route.start(request));
                return;
            }
        }
        out.collect(record);
    }
}
