package dev.penstock.cli.platform;

import dev.penstock.ingest.Ingest;
import dev.penstock.ingest.IngestConfig;
import dev.penstock.local.EmbeddedBroker;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.pipelines.Pipelines;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Ingest as the local platform runs it: on one core's worth of threads, with little delay. */
final class IngestPart {
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(25);

    private IngestPart() {}

    static Ingest start(
            Path directory,
            EmbeddedBroker broker,
            EmbeddedRegistry registry,
            Pipelines pipelines,
            Optional<IngestConfig.Metrics> metrics)
            throws InterruptedException {
        IngestConfig config = new IngestConfig(
                broker.bootstrapServers(),
                new IngestConfig.Registry(URI.create(registry.url()), Duration.ofMinutes(1), Map.of()),
                directory,
                "penstock-ingest",
                1,
                COMMIT_INTERVAL,
                Duration.ZERO,
                ByteSize.parse("32MiB"),
                Optional.of((short) 1),
                metrics,
                Map.of());
        return Ingest.start(config, pipelines);
    }
}
