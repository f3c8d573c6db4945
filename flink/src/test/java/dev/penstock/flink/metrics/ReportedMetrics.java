package dev.penstock.flink.metrics;

import dev.penstock.local.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.MetricRegistryConfiguration;
import org.apache.flink.runtime.metrics.MetricRegistryImpl;
import org.apache.flink.runtime.metrics.ReporterSetupBuilder;
import org.apache.flink.runtime.metrics.filter.DefaultReporterFilters;
import org.apache.flink.runtime.metrics.groups.GenericMetricGroup;

/** Flink's own registry of metrics with the Prometheus reporter, as jobs set it up, and what that shows. Closed by who made it. */
public final class ReportedMetrics implements AutoCloseable {
    private static final Pattern SERIES = Pattern.compile("(?m)^flink_task_(\\w+)\\{(.*),} (\\S+)$");

    private final int port = FreePort.find();
    private final MetricRegistryImpl registry = registry(port);
    private final MetricGroup task = new GenericMetricGroup(registry, null, "task");

    /** Of a task. */
    public MetricGroup group() {
        return task;
    }

    /** What Prometheus would read now: values by name and sorted labels, such as {@code estimate{model="spam"}}. */
    public Map<String, Double> shown() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:%d/metrics".formatted(port)))
                .build();
        try {
            String page = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            return SERIES.matcher(page)
                    .results()
                    .collect(Collectors.toMap(
                            ReportedMetrics::name,
                            series -> Double.valueOf(series.group(3)),
                            Double::sum,
                            TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read what the reporter shows: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot read what the reporter shows: interrupted", e);
        }
    }

    private static String name(MatchResult series) {
        String labels = Stream.of(series.group(2).split(",")).sorted().collect(Collectors.joining(","));
        return "%s{%s}".formatted(series.group(1), labels);
    }

    private static MetricRegistryImpl registry(int port) {
        Configuration settings = new Configuration();
        String reporter = "metrics.reporter.prometheus.";
        settings.setString(reporter + "factory.class", "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        settings.setString(reporter + "port", Integer.toString(port));
        settings.setString(reporter + "filterLabelValueCharacters", "false");
        return new MetricRegistryImpl(
                MetricRegistryConfiguration.fromConfiguration(settings, 1_000_000),
                ReporterSetupBuilder.METRIC_SETUP_BUILDER.fromConfiguration(
                        settings, DefaultReporterFilters::metricsFromConfiguration, null));
    }

    @Override
    public void close() {
        registry.closeAsync().join();
    }
}
