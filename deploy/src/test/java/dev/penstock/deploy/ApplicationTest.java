package dev.penstock.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.flink.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which jobs a directory configures. */
class ApplicationTest {
    private static final Map<String, String> VARIABLES = Map.of("BROKERS", "kafka:9092");

    @TempDir
    private Path directory;

    @Test
    void runsTheJobsWhoseFilesAreThere() throws IOException {
        write("pipelines.yaml", "pipelines: {spam: {modality: text, model: spam}}");
        write("rollout.yaml", configuration("rollout"));
        write("inference.yaml", configuration("inference") + "models: {cache: /tmp/bundles, trust: {anybody: {}}}\n");

        Application application = Application.in(directory, VARIABLES);

        assertThat(application.jobs()).extracting(Job::name).containsExactly("penstock-inference", "penstock-rollout");
        assertThat(application.jobs())
                .extracting(job -> job.settings().get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .containsExactly("file:///var/lib/penstock/inference", "file:///var/lib/penstock/rollout");
    }

    /** What compose and Kubernetes mount, with what their environments say. */
    @ParameterizedTest
    @ValueSource(strings = {"config", "kubernetes/base/config"})
    void whatIsShippedConfiguresAllThree(String shipped) {
        Map<String, String> environment = Map.ofEntries(
                Map.entry("BROKERS", "kafka:9092"),
                Map.entry("KAFKA_BROKERS", "kafka:9092"),
                Map.entry("REGISTRY", "http://registry:8081"),
                Map.entry("REGISTRY_URL", "http://registry:8081"),
                Map.entry("REGISTRY_LOGIN", "penstock:a"),
                Map.entry("REGISTRY_LOGIN_FROM", "USER_INFO"),
                Map.entry("KAFKA_SECURITY", "SASL_SSL"),
                Map.entry("KAFKA_TRUSTSTORE_PASSWORD", "b"),
                Map.entry("KAFKA_KEYSTORE_PASSWORD", "c"),
                Map.entry("INFERENCE_PASSWORD", "d"),
                Map.entry("ROLLOUT_PASSWORD", "e"),
                Map.entry("RETRAIN_PASSWORD", "f"),
                Map.entry("SECRETS", "/secrets"),
                Map.entry("TRUSTED_KEYS", "/secrets/trusted"),
                Map.entry("LOCAL", "/var/lib/penstock"),
                Map.entry("CHECKPOINTS", "file:///var/lib/penstock/checkpoints"),
                Map.entry("STATE_DIRECTORY", "s3://penstock"),
                Map.entry("PLANS", "production"));

        assertThat(Application.in(Path.of(shipped), environment).jobs())
                .extracting(Job::name)
                .containsExactly("penstock-inference", "penstock-rollout", "penstock-retrain");
    }

    @Test
    void aDirectoryWithoutAnyJobIsAMistake() {
        assertThatThrownBy(() -> Application.in(directory, VARIABLES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has none of [inference.yaml, rollout.yaml, retrain.yaml]");
    }

    @Test
    void mistakesOfAllFilesAreListedTogether() throws IOException {
        write("pipelines.yaml", "pipelines: {spam: {modality: smell, model: spam}}");
        write("inference.yaml", configuration("inference") + "delivery: perhaps\n");
        write("rollout.yaml", configuration("rollout") + "colour: red\n");
        write("retrain.yaml", configuration("retrain") + "models: {cache: /tmp, trust: {anybody: {}}}\n");

        assertThatThrownBy(() -> Application.in(directory, VARIABLES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("inference.yaml: it has", "delivery: 'perhaps' is not one of")
                .hasMessageContainingAll("rollout.yaml: it has", "colour: unknown key")
                .hasMessageContainingAll("pipelines.yaml: it has", "'smell' is not one of");
    }

    @Test
    void aMistakeInPipelinesIsToldOnce() throws IOException {
        write("pipelines.yaml", "pipelines: {spam: {modality: smell, model: spam}}");
        write("rollout.yaml", configuration("rollout"));
        write("inference.yaml", configuration("inference") + "models: {cache: /tmp/bundles, trust: {anybody: {}}}\n");

        assertThatThrownBy(() -> Application.in(directory, VARIABLES))
                .hasMessageContaining("'smell' is not one of")
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .containsOnlyOnce("Cannot use");
    }

    @Test
    void twoJobsThatWouldGoOnFromEachOthersStateAreRefused() throws IOException {
        write("pipelines.yaml", "pipelines: {spam: {modality: text, model: spam}}");
        write("rollout.yaml", configuration("same"));
        write("inference.yaml", configuration("same/") + "models: {cache: /tmp/bundles, trust: {anybody: {}}}\n");

        assertThatThrownBy(() -> Application.in(directory, VARIABLES))
                .hasMessageContaining("both penstock-inference and penstock-rollout in file:///var/lib/penstock/same");
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(directory.resolve(file), content);
    }

    private static String configuration(String checkpoints) {
        return """
                brokers: ${BROKERS}
                registry: {url: "http://registry:8081"}
                checkpoints: {directory: "file:///var/lib/penstock/%s"}
                """.formatted(checkpoints);
    }
}
