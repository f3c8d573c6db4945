package dev.penstock.bench.variants;

import dev.penstock.ingest.Ingest;
import dev.penstock.ingest.IngestConfig;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * Ingest as it ships, from a topic to the catalogue's requests. What it reads are requests too, which to it are records
 * like any other: so it and the inference job are measured on the same ones.
 */
final class IngestHop implements Approach {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final String keyedBy;
    private final String window;

    /**
     * @param keyedBy as in {@code pipelines.yaml}
     * @param window of duplicates, as there
     */
    IngestHop(String keyedBy, String window) {
        this.keyedBy = keyedBy;
        this.window = window;
    }

    @Override
    public AutoCloseable start(Setting setting, Route route) throws Exception {
        Modality modality = Bundle.open(setting.bundle()).card().modality();
        if (!route.answers().equals(Topic.requestsOf(modality).topicName())) {
            throw new IllegalArgumentException("Cannot go to '%s': ingest goes to '%s'"
                    .formatted(route.answers(), Topic.requestsOf(modality).topicName()));
        }
        Pipelines pipelines = ConfigurationFile.parse(
                "pipelines.yaml",
                """
                pipelines:
                  %s:
                    modality: %s
                    model: %s
                    duplicates: {window: %s}
                    source: {topic: %s, id: requestId, entity: entityId, keyed-by: %s, payload: {%s}}
                """.formatted(
                                setting.workload(),
                                modality.name().toLowerCase(Locale.ROOT),
                                setting.workload(),
                                window,
                                route.requests(),
                                keyedBy,
                                payload(modality)),
                Pipelines.class,
                Map.of());
        // Everything that is not said here has the default that users get.
        IngestConfig config = ConfigurationFile.parse(
                "ingest.yaml",
                """
                brokers: %s
                registry: {url: "%s"}
                state-directory: %s
                application-id: %s
                threads: %d
                """.formatted(
                                setting.brokers(),
                                setting.registryUrl(),
                                setting.kept(route.group()),
                                route.group(),
                                setting.slots()),
                IngestConfig.class,
                Map.of());
        Ingest ingest = Ingest.start(config, pipelines);
        ingest.awaitRunning(PATIENCE);
        return ingest;
    }

    private static String payload(Modality modality) {
        return switch (modality) {
            case RECORD -> "vector: payload.values";
            case TEXT -> "text: payload.text";
            case IMAGE -> "image: payload.content";
            case AUDIO -> "audio: payload.content";
            default ->
                throw new IllegalArgumentException("Cannot say where the payload of a %s is".formatted(modality));
        };
    }
}
