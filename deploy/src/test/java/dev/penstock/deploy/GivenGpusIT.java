package dev.penstock.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.trust.SigningKey;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * How a TaskManager's GPUs reach TensorFlow: by Flink's plugin and the image's script, as {@code compose/gpu.yml} has it,
 * with a real TaskManager. The devices are made up, so nothing here says how a GPU behaves.
 */
class GivenGpusIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Path jobs;
    private FlinkProcesses flink;

    @BeforeEach
    void prepare() throws Exception {
        flink = new FlinkProcesses(directory, """
                external-resources: gpu
                external-resource.gpu.amount: 2
                external-resource.gpu.driver-factory.class: org.apache.flink.externalresource.gpu.GPUDriverFactory
                external-resource.gpu.param.discovery-script.path: %s
                """.formatted(
                        FlinkProcesses.IMAGE.resolve("gpu-devices").toAbsolutePath()));
        jobs = Files.createDirectories(directory.resolve("jobs"));
    }

    @AfterEach
    void close() throws InterruptedException {
        flink.close();
    }

    /** It is said once, however many tasks and jobs the process has, and the models run on the processor. */
    @Test
    void jobsTakeTheGivenDevicesAndRunOnTheProcessorWhereNoneAnswers() throws Exception {
        runWithDevices("3,5,7");

        assertThat(flink.log("taskmanager"))
                .containsOnlyOnce("This process was given GPUs [3, 5], but TensorFlow sees none");
    }

    /** Flink only warns of it, and what TensorFlow would find by itself is another process's. */
    @Test
    void jobsTakeNoDeviceAtAllWhereTheScriptHasTooFew() throws Exception {
        runWithDevices("3");

        assertThat(flink.log("taskmanager"))
                .contains("Cannot give 2 GPUs: there are 1 (3)")
                .containsOnlyOnce("This process was to be given GPUs, but got none: models run on the processor");
    }

    private void runWithDevices(String names) throws Exception {
        KAFKA.createCatalogue();
        write("pipelines.yaml", "pipelines: {payments: {modality: record, model: payments}}\n");
        write("inference.yaml", configuration("inference") + "state: heap\n");
        SigningKey.generate(Files.createDirectories(directory.resolve("keys")), "retrain");
        write(
                "retrain.yaml",
                configuration("retrain") + "  signing-key: %s\n".formatted(directory.resolve("keys/retrain.key")));

        flink.startJobManager(Main.class, jobs);
        flink.startTaskManager(Map.of("PENSTOCK_GPUS", names));

        await().atMost(FlinkProcesses.PATIENCE)
                .ignoreException(ConnectException.class) // It begins.
                .until(this::everyTaskRuns);
    }

    private boolean everyTaskRuns() throws Exception {
        JsonNode running = flink.ask("GET", "/jobs/overview").path("jobs");
        return running.size() == 2
                && running.findValues("tasks").stream()
                        .allMatch(tasks -> tasks.path("running").intValue() > 0
                                && tasks.path("running").equals(tasks.path("total")));
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(jobs.resolve(file), content);
    }

    private String configuration(String name) {
        return """
                brokers: %s
                registry: {url: "%s"}
                checkpoints: {directory: "%s"}
                models:
                  cache: %s
                  trust: {keys: "%s"}
                """.formatted(
                        KAFKA.bootstrapServers(),
                        KAFKA.registryUrl(),
                        directory.resolve("checkpoints").resolve(name).toUri(),
                        directory.resolve("bundles"),
                        directory.resolve("keys"));
    }
}
