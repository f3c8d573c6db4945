package dev.penstock.cli.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.flink.NewestState;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LocalPlatformIT {
    private static final String PIPELINES = """
            pipelines:
              card-fraud:
                modality: record
                model: fraud
                source: {topic: payments, id: id, entity: card, payload: {features: [amount]}}
            """;

    @TempDir
    private Path directory;

    @Test
    void showsPrometheusBothPartsWhereAsked() {
        Pipelines pipelines = ConfigurationFile.parse("pipelines.yaml", PIPELINES, Pipelines.class, Map.of());
        LocalPlatform.Settings settings = new LocalPlatform.Settings(
                directory,
                new LocalPlatform.Ports(0, 0, 0, Optional.of(0)),
                Duration.ofSeconds(10),
                pipelines,
                directory.resolve("pipelines.yaml"),
                Pace.PRODUCTION);

        try (LocalPlatform platform = LocalPlatform.start(settings, part -> {})) {
            assertThat(platform.metrics()).hasSize(2);
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(
                            platform.metrics().stream().map(LocalPlatformIT::read))
                    .anySatisfy(text -> assertThat(text).contains("ingest_accepted_total{pipeline=\"card-fraud\"} 0.0"))
                    // With the hyphen: Flink's reporter would write another name than ingest's.
                    .anySatisfy(text ->
                            assertThat(text).containsPattern("serving_version\\{.*pipeline=\"card-fraud\".*} 0.0")));
        }
    }

    @ParameterizedTest
    @EnumSource(Pace.class)
    void runsTheWholeLoopInOneFlink(Pace pace) throws Exception {
        Path file = directory.resolve("pipelines.yaml");
        try (InputStream shipped = LocalPlatform.class.getResourceAsStream("/dev/penstock/cli/demo/pipelines.yaml")) {
            Files.write(file, Objects.requireNonNull(shipped).readAllBytes());
        }
        LocalPlatform.Settings settings = new LocalPlatform.Settings(
                directory,
                LocalPlatform.Ports.free(),
                Duration.ofSeconds(1),
                Pipelines.read(file, Map.of()),
                file,
                pace);

        try (LocalPlatform platform = LocalPlatform.start(settings, part -> {})) {
            URI jobs = URI.create(platform.address().flink() + "/jobs/overview");
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertThat(
                            new ObjectMapper().readTree(read(jobs)).path("jobs"))
                    .extracting(job ->
                            job.path("name").asText() + " " + job.path("state").asText())
                    .containsExactlyInAnyOrder(
                            "penstock-inference RUNNING", "penstock-rollout RUNNING", "penstock-retrain RUNNING"));
            await().atMost(Duration.ofMinutes(2))
                    .untilAsserted(() -> assertThat(List.of("inference", "rollout", "retrain"))
                            .allSatisfy(job -> assertThat(NewestState.in(new org.apache.flink.core.fs.Path(
                                            FlinkJob.directory(directory, job).toUri())))
                                    .as("a checkpoint of " + job)
                                    .isPresent()));
        }
    }

    private static String read(URI address) {
        try {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
