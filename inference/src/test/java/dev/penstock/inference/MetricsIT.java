package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.RunningJob;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.FreePort;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class MetricsIT {
    private static final int REQUESTS = 300;
    private static final String OPERATOR = "flink_taskmanager_job_task_operator_";

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void prometheusFindsWhatTheTasksMeasured() {
        String pipeline = "metrics-" + UUID.randomUUID();
        InferencePlatform platform = new InferencePlatform(
                KAFKA, directory, "pipelines: {%s: {modality: text, model: %s}}".formatted(pipeline, pipeline));
        platform.announce(someModelVersion(pipeline, 1));
        int port = FreePort.find();
        InferenceConfig config = platform.config(Delivery.AT_LEAST_ONCE, 10_000, Optional.of(new Metrics(port)));

        try (RunningJob job = StubbedJob.start(config, pipeline, Optional.empty(), version -> StubModel.scoring(1))) {
            platform.send(
                    Topic.REQUESTS_TEXT,
                    IntStream.range(0, REQUESTS)
                            .mapToObj(number -> request("id-" + number, pipeline, new TextPayload("hello")))
                            .toList());
            platform.awaitPredictions(REQUESTS);

            // Both tasks have their share of each.
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                List<String> lines = scrape(port);
                assertThat(sum(lines, OPERATOR + "predictions{", "")).isEqualTo(REQUESTS);
                double batches = sum(lines, OPERATOR + "pipeline_reason_batches{", "pipeline=\"" + pipeline + "\"");
                assertThat(batches).isPositive();
                for (String part : List.of("queue", "decode", "score", "emit")) {
                    assertThat(sum(
                                    lines,
                                    OPERATOR + "pipeline_" + part + "_micros_count{",
                                    "pipeline=\"" + pipeline + "\""))
                            .as(part)
                            .isEqualTo(batches);
                }
            });
        }
    }

    private static double sum(List<String> lines, String start, String part) {
        return lines.stream()
                .filter(line -> line.startsWith(start) && line.contains(part))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static List<String> scrape(int port) throws InterruptedException {
        URI address = URI.create("http://localhost:%d/metrics".formatted(port));
        try {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofLines())
                    .body()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
