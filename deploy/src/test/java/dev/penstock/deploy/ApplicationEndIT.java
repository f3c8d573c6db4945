package dev.penstock.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.local.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * How a JobManager in application mode ends when its jobs cannot go on: as a process of its own, as the image starts it. One
 * that stayed would be taken for one that works.
 */
class ApplicationEndIT {
    /** Flink's exit code for an application that failed is 1443, of which a process can tell the lowest byte. */
    private static final int FAILED = 1443 & 0xff;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path BUILT = Path.of("target");
    private static final Path IMAGE = Path.of("images", "flink");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final List<Process> processes = new ArrayList<>();
    private final int rest = FreePort.find();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Path jobs;

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectories(directory.resolve("conf"));
        Files.writeString(directory.resolve("conf").resolve("config.yaml"), """
                jobmanager.rpc.address: localhost
                jobmanager.rpc.port: %d
                jobmanager.bind-host: localhost
                rest.address: localhost
                rest.bind-address: localhost
                rest.port: %d
                taskmanager.host: localhost
                taskmanager.bind-host: localhost
                taskmanager.numberOfTaskSlots: 2
                taskmanager.cpu.cores: 1
                taskmanager.memory.framework.heap.size: 128m
                taskmanager.memory.framework.off-heap.size: 64m
                taskmanager.memory.task.heap.size: 64m
                taskmanager.memory.task.off-heap.size: 0m
                taskmanager.memory.network.min: 32m
                taskmanager.memory.network.max: 32m
                taskmanager.memory.managed.size: 0m
                taskmanager.memory.jvm-metaspace.size: 128m
                taskmanager.memory.jvm-overhead.min: 64m
                taskmanager.memory.jvm-overhead.max: 64m
                io.tmp.dirs: %s
                # A TaskManager that came before its JobManager looks again as often as this.
                cluster.registration.error-delay: 1 s
                # On a machine that is busy; Flink's 10 s end a process that only starts slowly.
                pekko.startup-timeout: 60 s
                """.formatted(
                        FreePort.find(), rest, Files.createDirectories(directory.resolve("temporary"))));
        jobs = Files.createDirectories(directory.resolve("jobs"));
        write("pipelines.yaml", "pipelines: {payments: {modality: record, model: payments}}\n");
    }

    @AfterEach
    void close() throws InterruptedException {
        processes.forEach(Process::destroyForcibly);
        for (Process process : processes) {
            process.waitFor();
        }
    }

    @Test
    void aBrokenConfigurationEndsItWithEveryMistake() throws Exception {
        write("inference.yaml", configuration("inference") + inferenceOnly() + "delivery: perhaps\ncolour: red\n");
        write("rollout.yaml", configuration("rollout") + "tick: PT0S\n");

        Process jobManager = start("jobmanager", jobManager(Main.class, jobs));

        assertThat(exitCode(jobManager)).isEqualTo(FAILED);
        assertThat(log("jobmanager"))
                .contains("inference.yaml: it has 2 mistakes", "delivery: 'perhaps' is not one of")
                .contains("colour: unknown key", "rollout.yaml: it has a mistake", "tick: PT0S is not positive");
    }

    /** Flink cannot go on from another job's state, however often it tries. */
    @Test
    void aStateThatCannotBeReadEndsItAndSaysWhy() throws Exception {
        write("inference.yaml", configuration("inference") + inferenceOnly());
        write("rollout.yaml", configuration("rollout"));
        Path savepoint = directory.resolve("checkpoints").resolve("inference").resolve("savepoints");
        copy(Path.of("..", "rollout", "src", "test", "resources", "savepoint"), savepoint.resolve("savepoint-1"));

        Process jobManager = start("jobmanager", jobManager(Main.class, jobs));

        assertThat(exitCode(jobManager)).isEqualTo(FAILED);
        assertThat(log("jobmanager")).contains("Failed to rollback to checkpoint/savepoint", savepoint.toString());
    }

    /** It takes the others with it: whatever supervises the process starts all of them again, from their newest states. */
    @Test
    void oneJobThatFailsForGoodEndsIt() throws Exception {
        Process jobManager = start("jobmanager", jobManager(FailsForGood.class, directory.resolve("checkpoints")));
        start("taskmanager", List.of("org.apache.flink.runtime.taskexecutor.TaskManagerRunner"));

        assertThat(exitCode(jobManager)).isEqualTo(FAILED);
        assertThat(log("jobmanager"))
                .contains(FailsForGood.REASON)
                .containsPattern("Job goes-on \\(\\w+\\) switched from state RUNNING to CANCELLING")
                .containsPattern("Job fails-for-good \\(\\w+\\) switched from state FAILING to FAILED");
    }

    /** A person's wish is no failure: a supervisor that only minds those leaves it down. */
    @Test
    void oneJobThatIsCancelledEndsItWithoutAFailure() throws Exception {
        write("inference.yaml", configuration("inference") + inferenceOnly());
        write("rollout.yaml", configuration("rollout"));
        Process jobManager = start("jobmanager", jobManager(Main.class, jobs));
        await().atMost(PATIENCE)
                .until(() -> running().keySet().containsAll(List.of("penstock-inference", "penstock-rollout")));

        ask("PATCH", "/jobs/" + running().get("penstock-rollout"));

        assertThat(exitCode(jobManager)).isZero();
        assertThat(log("jobmanager"))
                .containsPattern("Job penstock-inference \\(\\w+\\) switched from state CANCELLING to CANCELED");
    }

    private Process start(String name, List<String> program) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        // What is asked of the log must be in the image's.
        words.add("-Dlog4j2.configurationFile=" + IMAGE.resolve("conf").resolve("log4j2.properties"));
        try (Stream<String> options = Files.lines(IMAGE.resolve("jobmanager"))) {
            options.filter(option -> option.startsWith("--add-")).forEach(words::add);
        }
        words.addAll(
                List.of("-cp", "%s/penstock-jobs.jar:%s/flink-lib/*:%s/test-classes".replace("%s", BUILT.toString())));
        words.addAll(program);
        words.addAll(
                1 + words.indexOf(program.get(0)),
                List.of("--configDir", directory.resolve("conf").toString()));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private static List<String> jobManager(Class<?> program, Path argument) {
        return List.of(
                "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint",
                "--job-classname",
                program.getName(),
                argument.toString());
    }

    private int exitCode(Process process) throws Exception {
        assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .as("ended within %s; see the logs in %s", PATIENCE, directory)
                .isTrue();
        return process.exitValue();
    }

    private String log(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".log"));
    }

    /** Ids by name. */
    private Map<String, String> running() throws IOException, InterruptedException {
        Map<String, String> running = new HashMap<>();
        try {
            for (JsonNode job : ask("GET", "/jobs/overview").path("jobs")) {
                if (job.path("state").asText().equals("RUNNING")) {
                    running.put(job.path("name").asText(), job.path("jid").asText());
                }
            }
        } catch (ConnectException e) {
            return Map.of(); // It begins.
        }
        return running;
    }

    private JsonNode ask(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(rest, path)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return new ObjectMapper()
                .readTree(
                        HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(jobs.resolve(file), content);
    }

    /** Of a platform of which nothing is there. */
    private String configuration(String name) {
        return """
                brokers: localhost:1
                registry: {url: "http://localhost:1"}
                checkpoints: {directory: "%s"}
                """.formatted(directory.resolve("checkpoints").resolve(name).toUri());
    }

    private String inferenceOnly() {
        return "models: {cache: %s, trust: {anybody: {}}}\nstate: heap\n".formatted(directory.resolve("bundles"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
