package dev.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.ingest.topology.IngestCounters;
import dev.penstock.ingest.topology.IngestCounters.Counts;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Shows Prometheus what ingest does, at {@code /metrics}: its own counts and Kafka Streams' metrics. At {@code /health}
 * it answers with 200 while events are read, with 503 otherwise, and Kafka Streams' word for what it does. Has threads of
 * its own; the caller closes it, before Kafka Streams.
 */
final class MetricsEndpoint implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final String HEALTH = "/health";
    private static final int WELL = 200;
    private static final int NOT_WELL = 503;
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final String host;
    private final IngestCounters counters;
    private final KafkaStreamsMetrics streamsMetrics;
    private final HttpServer server;

    private MetricsEndpoint(String host, HttpServer server, IngestCounters counters, KafkaStreams streams) {
        this.host = host;
        this.server = server;
        this.counters = counters;
        this.streamsMetrics = new KafkaStreamsMetrics(streams);
    }

    /**
     * @param streams need not run yet
     * @throws IllegalStateException if the port is taken
     */
    static MetricsEndpoint start(
            IngestConfig.Metrics config, Pipelines pipelines, IngestCounters counters, KafkaStreams streams) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(config.address(), config.port()), 0);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot show metrics at %s:%d: %s; choose another metrics.port or metrics.address"
                            .formatted(config.address(), config.port(), e.getMessage()),
                    e);
        }
        MetricsEndpoint endpoint = new MetricsEndpoint(config.address(), server, counters, streams);
        for (Pipeline pipeline : pipelines.withSource()) {
            endpoint.register(pipeline.name());
        }
        endpoint.streamsMetrics.bindTo(endpoint.registry);
        server.createContext(PATH, endpoint::answer);
        server.createContext(HEALTH, exchange -> answerHealth(exchange, streams.state()));
        server.start();
        return endpoint;
    }

    /** Where it answers. */
    URI address() {
        try {
            return new URI("http", null, host, server.getAddress().getPort(), PATH, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Cannot say where metrics are: " + e.getMessage(), e);
        }
    }

    private void register(String pipeline) {
        counter("ingest-accepted", "Events that became requests", pipeline, Counts::accepted);
        counter(
                "ingest-duplicates-dropped",
                "Events that were dropped because their id was seen before",
                pipeline,
                Counts::duplicates);
    }

    private void counter(String name, String description, String pipeline, ToDoubleFunction<Counts> count) {
        FunctionCounter.builder(name, counters, all -> count.applyAsDouble(all.of(pipeline)))
                .description(description)
                .tag("pipeline", pipeline)
                .register(registry);
    }

    /** Those that occurred: there are more reasons than a pipeline will ever have. */
    private void registerDeadLetters() {
        counters.all()
                .forEach((pipeline, counts) -> counts.rejected().keySet().forEach(code -> deadLetters(pipeline, code)));
    }

    /** Does nothing if it is known already. */
    private void deadLetters(String pipeline, DeadLetterCode code) {
        FunctionCounter.builder("ingest-dead-letters", counters, all -> all.of(pipeline)
                        .rejected()
                        .getOrDefault(code, 0L))
                .description("Events that became dead letters")
                .tag("pipeline", pipeline)
                .tag("reason", code.name())
                .register(registry);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            registerDeadLetters();
            byte[] text = registry.scrape(CONTENT_TYPE).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    private static void answerHealth(HttpExchange exchange, KafkaStreams.State state) throws IOException {
        try (exchange) {
            byte[] text = (state.name() + "\n").getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            exchange.sendResponseHeaders(state == KafkaStreams.State.RUNNING ? WELL : NOT_WELL, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        streamsMetrics.close();
        registry.close();
    }
}
