package dev.penstock.cli.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.cli.CommandRun;
import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the rules and the dashboard of deploy/monitoring to what a platform that works really shows. */
class MonitoringIT {
    private static final Path MONITORING = Path.of("..", "deploy", "monitoring");
    private static final String PIPELINES = """
            pipelines:
              payments:
                modality: record
                model: tiny-record
                source: {topic: payments.made, id: id, entity: card, payload: {features: {numbers: {amount: amount}}}}
                rolling: {card: {key: entity, features: {card-count: {count: P1D}}}}
            """;
    private static final int REQUESTS = 2_600;

    /** Labels have to mature for an hour here, and this model has no reference to drift from: the rollout job's tests see them. */
    private static final Set<String> NOT_YET = Stream.of(
                    "pipeline_labels", "model_version_drift_psi", "model_version_drifting")
            .map("flink_taskmanager_job_task_operator_"::concat)
            .collect(Collectors.toUnmodifiableSet());

    private static final Pattern USED = Pattern.compile("\\b((?:flink|ingest|kafka)_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern SELECTED = Pattern.compile("(\\w+)\\s*[=!]~?\\s*\"");
    private static final Pattern SERIES = Pattern.compile("^(\\w+)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

    @TempDir
    private Path directory;

    @Test
    void everyMetricAndLabelOfRulesAndDashboardIsShownByAPlatformThatWorks() throws Exception {
        Path pipelines = Files.writeString(directory.resolve("pipelines.yaml"), PIPELINES);
        Map<String, Set<String>> used = used();
        LocalPlatform.Settings settings = new LocalPlatform.Settings(
                directory.resolve("data"),
                new LocalPlatform.Ports(0, 0, 0, Optional.of(0)),
                Duration.ofSeconds(1),
                ConfigurationFile.parse("pipelines.yaml", PIPELINES, Pipelines.class, Map.of()),
                pipelines,
                Pace.PRODUCTION);

        try (LocalPlatform platform = LocalPlatform.start(settings, part -> {})) {
            publish(1);
            send("first", 100);
            publish(2);
            send("then", REQUESTS);
            refuseOne(platform);
            say("fraud", IntStream.range(0, 50).mapToObj(number -> "then-" + number));
            say("fraud", Stream.of("nobody-knows-it"));

            await().atMost(Duration.ofMinutes(4))
                    .pollInterval(Duration.ofSeconds(2))
                    .untilAsserted(() -> assertThat(missing(used, shown(platform)))
                            .as("used in deploy/monitoring and shown by nobody")
                            .isEmpty());
        }
    }

    private void publish(int version) {
        Bundle bundle = TinyModels.record(directory.resolve("bundle-" + version), version);
        run("models", "import", bundle.directory().toString());
    }

    private void send(String prefix, int requests) throws IOException {
        String rows = IntStream.range(0, requests)
                .mapToObj(number -> "%s-%d,card-%d,%d".formatted(prefix, number, number % 50, number % 900))
                .collect(Collectors.joining("\n"));
        Path file = Files.writeString(directory.resolve(prefix + ".csv"), "id,entity,amount\n" + rows + "\n");
        run("send", "payments", file.toString(), "--no-wait");
    }

    private void say(String label, Stream<String> requests) {
        List<String> arguments = new ArrayList<>(List.of("feedback", "payments", label));
        requests.forEach(arguments::add);
        run(arguments.toArray(String[]::new));
    }

    private void run(String... arguments) {
        String[] all = Stream.concat(
                        Stream.of(arguments),
                        Stream.of("--data", directory.resolve("data").toString()))
                .toArray(String[]::new);
        CommandRun run = CommandRun.of(all);
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private static void refuseOne(LocalPlatform platform) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", platform.address().brokers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("payments.made", new byte[] {1}, new byte[] {1, 2, 3}))
                    .get();
        }
    }

    /** By metric, the labels by which it is picked. */
    private static Map<String, Set<String>> used() throws IOException {
        List<String> expressions = new ArrayList<>();
        Files.readString(MONITORING.resolve("alerts.yml"))
                .lines()
                .filter(line -> !line.strip().startsWith("#"))
                .forEach(expressions::add);
        JsonNode dashboard = new ObjectMapper()
                .readTree(MONITORING.resolve("grafana/dashboards/penstock.json").toFile());
        dashboard.findValues("expr").forEach(expression -> expressions.add(expression.asText()));
        dashboard.findValues("definition").forEach(variable -> expressions.add(variable.asText()));

        Map<String, Set<String>> used = new TreeMap<>();
        for (String expression : expressions) {
            USED.matcher(expression).results().forEach(metric -> {
                Set<String> labels = used.computeIfAbsent(metric.group(1), first -> new TreeSet<>());
                if (metric.group(2) != null) {
                    SELECTED.matcher(metric.group(2)).results().forEach(label -> labels.add(label.group(1)));
                }
            });
        }
        assertThat(used).hasSizeGreaterThan(50);
        return used;
    }

    /** By metric, the labels that it has. */
    private static Map<String, Set<String>> shown(LocalPlatform platform) throws Exception {
        Map<String, Set<String>> shown = new HashMap<>();
        for (URI address : platform.metrics()) {
            HttpResponse<Stream<String>> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofLines());
            answer.body().forEach(line -> SERIES.matcher(line).results().forEach(series -> {
                Set<String> labels = shown.computeIfAbsent(series.group(1), first -> new TreeSet<>());
                if (series.group(2) != null) {
                    LABEL.matcher(series.group(2)).results().forEach(label -> labels.add(label.group(1)));
                }
            }));
        }
        return shown;
    }

    private static List<String> missing(Map<String, Set<String>> used, Map<String, Set<String>> shown) {
        List<String> missing = new ArrayList<>();
        used.forEach((metric, labels) -> {
            if (NOT_YET.contains(metric)) {
                return;
            }
            Set<String> unknown = new TreeSet<>(labels);
            unknown.removeAll(shown.getOrDefault(metric, Set.of()));
            if (!shown.containsKey(metric)) {
                missing.add(metric);
            } else if (!unknown.isEmpty()) {
                missing.add("%s by %s".formatted(metric, unknown));
            }
        });
        return missing;
    }
}
