package dev.penstock.inference;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.Device;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.pipelines.Rolling;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A pipeline as this job sees it.
 *
 * @param model that it asks
 * @param batching how its requests are gathered for the model
 * @param delivery of what becomes of them
 * @param clockSkew how far in the future an event's time may be
 * @param rolling groups of features that look back, in the order in which they are added; for records only
 * @param exploration which of its decisions are left out now and then
 */
public record PipelineBinding(
        String pipeline,
        Modality modality,
        String model,
        BatchLimits batching,
        Delivery delivery,
        Duration clockSkew,
        List<Rolling> rolling,
        Exploration exploration)
        implements Serializable {
    public PipelineBinding {
        rolling = List.copyOf(rolling);
    }

    /** One without exploration, and without features that look back. */
    public PipelineBinding(String pipeline, Modality modality, String model, BatchLimits batching, Delivery delivery) {
        this(pipeline, modality, model, batching, delivery, Duration.ZERO, List.of());
    }

    /** One without exploration. */
    public PipelineBinding(
            String pipeline,
            Modality modality,
            String model,
            BatchLimits batching,
            Delivery delivery,
            Duration clockSkew,
            List<Rolling> rolling) {
        this(pipeline, modality, model, batching, delivery, clockSkew, rolling, Exploration.none());
    }

    /** The same with batches as they suit the device, where nothing else was said. */
    public PipelineBinding on(Device device) {
        return new PipelineBinding(
                pipeline, modality, model, batching.on(device), delivery, clockSkew, rolling, exploration);
    }

    /** Names of the rolling features, in the order of {@link dev.penstock.flink.records.InputRecord#features}. */
    public List<String> rollingNames() {
        List<String> names = new ArrayList<>();
        rolling.forEach(group -> names.addAll(group.features().keySet()));
        return List.copyOf(names);
    }
}
