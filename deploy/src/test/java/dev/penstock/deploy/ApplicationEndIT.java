package dev.penstock.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
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

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Path jobs;
    private FlinkProcesses flink;

    @BeforeEach
    void prepare() throws IOException {
        flink = new FlinkProcesses(directory, "");
        jobs = Files.createDirectories(directory.resolve("jobs"));
        write("pipelines.yaml", "pipelines: {payments: {modality: record, model: payments}}\n");
    }

    @AfterEach
    void close() throws InterruptedException {
        flink.close();
    }

    @Test
    void aBrokenConfigurationEndsItWithEveryMistake() throws Exception {
        write("inference.yaml", configuration("inference") + inferenceOnly() + "delivery: perhaps\ncolour: red\n");
        write("rollout.yaml", configuration("rollout") + "tick: PT0S\n");

        Process jobManager = flink.startJobManager(Main.class, jobs);

        assertThat(flink.exitCode(jobManager)).isEqualTo(FAILED);
        assertThat(flink.log("jobmanager"))
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

        Process jobManager = flink.startJobManager(Main.class, jobs);

        assertThat(flink.exitCode(jobManager)).isEqualTo(FAILED);
        assertThat(flink.log("jobmanager"))
                .contains("Failed to rollback to checkpoint/savepoint", savepoint.toString());
    }

    /** It takes the others with it: whatever supervises the process starts all of them again, from their newest states. */
    @Test
    void oneJobThatFailsForGoodEndsIt() throws Exception {
        Process jobManager = flink.startJobManager(FailsForGood.class, directory.resolve("checkpoints"));
        flink.startTaskManager(Map.of());

        assertThat(flink.exitCode(jobManager)).isEqualTo(FAILED);
        assertThat(flink.log("jobmanager"))
                .contains(FailsForGood.REASON)
                .containsPattern("Job goes-on \\(\\w+\\) switched from state RUNNING to CANCELLING")
                .containsPattern("Job fails-for-good \\(\\w+\\) switched from state FAILING to FAILED");
    }

    /** A person's wish is no failure: a supervisor that only minds those leaves it down. */
    @Test
    void oneJobThatIsCancelledEndsItWithoutAFailure() throws Exception {
        write("inference.yaml", configuration("inference") + inferenceOnly());
        write("rollout.yaml", configuration("rollout"));
        Process jobManager = flink.startJobManager(Main.class, jobs);
        await().atMost(FlinkProcesses.PATIENCE)
                .until(() ->
                        flink.runningJobs().keySet().containsAll(List.of("penstock-inference", "penstock-rollout")));

        flink.ask("PATCH", "/jobs/" + flink.runningJobs().get("penstock-rollout"));

        assertThat(flink.exitCode(jobManager)).isZero();
        assertThat(flink.log("jobmanager"))
                .containsPattern("Job penstock-inference \\(\\w+\\) switched from state CANCELLING to CANCELED");
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
