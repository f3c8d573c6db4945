package dev.penstock.retrain.labels;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.schemas.pipelines.Pipeline;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline as far as learning is concerned.
 *
 * @param model that it asks
 * @param isDecisionNeeded whether an example lacks something without the decision: rolling features, which only that has
 * @param silence what it means that nobody says anything; null if nothing
 */
public record LearntPipeline(
        String name,
        String model,
        boolean isDecisionNeeded,
        @Nullable Silence silence) implements Serializable {
    /** @param silence by model */
    public static LearntPipeline of(Pipeline pipeline, Map<String, Silence> silence) {
        return new LearntPipeline(
                pipeline.name(), pipeline.model(), !pipeline.rolling().isEmpty(), silence.get(pipeline.model()));
    }
}
