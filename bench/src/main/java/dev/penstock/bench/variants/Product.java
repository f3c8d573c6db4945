package dev.penstock.bench.variants;

import dev.penstock.inference.Inference;
import dev.penstock.inference.InferenceConfig;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.util.Locale;
import java.util.Map;

/** The inference job as it ships: versions from Kafka, dead letters, provenance, metrics, checkpoints. */
final class Product implements Approach {
    private final String further;

    /** @param further settings as in {@code inference.yaml}; empty for its defaults */
    Product(String further) {
        this.further = further;
    }

    @Override
    public AutoCloseable start(Setting setting, Route route) throws Exception {
        Bundle bundle = Bundle.open(setting.bundle());
        String requests = Topic.requestsOf(bundle.card().modality()).topicName();
        if (!route.requests().equals(requests) || !route.answers().equals(Topic.PREDICTIONS.topicName())) {
            throw new IllegalArgumentException("Cannot go from '%s' to '%s': the product goes from '%s' to '%s'"
                    .formatted(route.requests(), route.answers(), requests, Topic.PREDICTIONS.topicName()));
        }
        Pipelines pipelines = ConfigurationFile.parse(
                "pipelines.yaml",
                "pipelines: {%s: {modality: %s, model: %s}}"
                        .formatted(
                                setting.workload(),
                                bundle.card().modality().name().toLowerCase(Locale.ROOT),
                                bundle.card().name()),
                Pipelines.class,
                Map.of());
        InferenceConfig config = config(setting, route.group(), further);
        return FlinkRun.start(
                "product",
                setting.slots(),
                Inference.flinkSettings(config),
                environment -> Inference.define(environment, config, pipelines));
    }

    /** Everything that is not said here has the default that users get; no key is remembered, so state is nothing. */
    static InferenceConfig config(Setting setting, String group, String further) {
        return ConfigurationFile.parse(
                "inference.yaml",
                """
                brokers: %s
                registry: {url: "%s"}
                group: %s
                checkpoints: {directory: "%s"}
                models: {cache: "%s", trust: {anybody: {}}}
                state: heap
                %s
                """.formatted(
                                setting.brokers(),
                                setting.registryUrl(),
                                group,
                                setting.kept(group).toUri(),
                                setting.kept("bundles"),
                                further),
                InferenceConfig.class,
                Map.of());
    }
}
