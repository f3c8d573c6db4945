package dev.penstock.cli.demo.story;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.schemas.Prediction;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the demo's events really are: known to whoever made them, and to nobody in the platform. Immutable. */
public final class Truth {
    private final Map<String, Map<String, String>> labels;

    private Truth(Map<String, Map<String, String>> labels) {
        this.labels = labels;
    }

    /** @param eventsByPipeline events whose ids are those of the requests that ingest makes of them */
    public static Truth of(Map<String, ? extends Collection<DemoEvent>> eventsByPipeline) {
        Map<String, Map<String, String>> labels = new HashMap<>();
        eventsByPipeline.forEach((pipeline, events) -> {
            Map<String, String> byId = new HashMap<>();
            events.forEach(event -> event.label().ifPresent(label -> byId.put(event.id(), label)));
            labels.put(pipeline, Map.copyOf(byId));
        });
        return new Truth(Map.copyOf(labels));
    }

    /** Empty for what is none of those events, or broken. */
    public Optional<String> of(Prediction prediction) {
        return Optional.ofNullable(
                labels.getOrDefault(prediction.getPipeline(), Map.of()).get(prediction.getRequestId()));
    }

    /** Every label that an event of the pipeline has, in alphabetical order. */
    public List<String> labels(String pipeline) {
        return labels.getOrDefault(pipeline, Map.of()).values().stream()
                .distinct()
                .sorted()
                .toList();
    }
}
