package dev.penstock.deploy;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A JobManager in application mode and TaskManagers, each a process as the image starts it, with what the build made.
 * Closing kills them.
 */
final class FlinkProcesses implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    static final Path IMAGE = Path.of("images", "flink");

    private static final Path BUILT = Path.of("target");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final List<Process> processes = new ArrayList<>();
    private final int rest = FreePort.find();
    private final Path directory;

    /**
     * @param directory for configuration and logs
     * @param settings of Flink, in YAML, beside those that every test needs
     */
    FlinkProcesses(Path directory, String settings) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("conf"));
        Files.writeString(
                directory.resolve("conf").resolve("config.yaml"),
                """
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
                """.formatted(FreePort.find(), rest, Files.createDirectories(directory.resolve("temporary")))
                        + settings);
    }

    /** @param program that submits the jobs */
    Process startJobManager(Class<?> program, Path argument) throws IOException {
        return start(
                "jobmanager",
                Map.of(),
                "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint",
                "--job-classname",
                program.getName(),
                argument.toString());
    }

    /** @param variables of its environment */
    Process startTaskManager(Map<String, String> variables) throws IOException {
        return start("taskmanager", variables, TaskManager.class.getName());
    }

    private Process start(String name, Map<String, String> variables, String mainClass, String... arguments)
            throws IOException {
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
        words.addAll(List.of(mainClass, "--configDir", directory.resolve("conf").toString()));
        words.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(logFile(name).toFile());
        builder.environment()
                .put("FLINK_PLUGINS_DIR", BUILT.resolve("flink-plugins").toString());
        builder.environment().putAll(variables);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .as("ended within %s; see the logs in %s", PATIENCE, directory)
                .isTrue();
        return process.exitValue();
    }

    String log(String name) throws IOException {
        return Files.readString(logFile(name));
    }

    private Path logFile(String name) {
        return directory.resolve(name + ".log");
    }

    /** Ids by name; none while the JobManager does not answer. */
    Map<String, String> runningJobs() throws IOException, InterruptedException {
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

    JsonNode ask(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(rest, path)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return new ObjectMapper()
                .readTree(
                        HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    @Override
    public void close() throws InterruptedException {
        processes.forEach(Process::destroyForcibly);
        for (Process process : processes) {
            process.waitFor();
        }
    }
}
