package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A model that takes the whole process with it. */
class ModelCrashIT {
    private static final int REQUESTS = 1_000;
    private static final int KILLER = 400;
    private static final String KILLING_TEXT = "aborts the process";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String pipeline = "crash-" + UUID.randomUUID();
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killTheRest() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void theRecordThatKillsTwiceIsADeadLetterAndTheRestIsDelivered() throws Exception {
        InferencePlatform platform = new InferencePlatform(
                KAFKA, directory, "pipelines: {%s: {modality: text, model: %s}}".formatted(pipeline, pipeline));
        platform.announce(someModelVersion(pipeline, 1));
        platform.send(
                Topic.REQUESTS_TEXT,
                IntStream.range(0, REQUESTS).mapToObj(this::numbered).toList());
        InferenceConfig config = platform.config(Delivery.EXACTLY_ONCE, 10_000);

        for (int death = 1; death <= 2; death++) {
            Process doomed = start(config);
            assertThat(doomed.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("death %d", death)
                    .isTrue();
            assertThat(doomed.exitValue()).isEqualTo(CrashingModelMain.ABORTED);
        }
        Process process = start(config);
        List<DeadLetter> letters = platform.awaitDeadLetters(1);
        platform.awaitPredictions(REQUESTS - 1);

        assertThat(process.isAlive()).isTrue();
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.code()).isEqualTo(DeadLetterCode.CRASHED_MODEL);
            assertThat(letter.requestId()).contains("id-" + KILLER);
        });
        assertThat(platform.predictions())
                .extracting(Prediction::getRequestId)
                .doesNotHaveDuplicates()
                .hasSize(REQUESTS - 1)
                .doesNotContain("id-" + KILLER);
    }

    private InferenceRequest numbered(int number) {
        return request("id-" + number, pipeline, new TextPayload(number == KILLER ? KILLING_TEXT : "hello"));
    }

    /** From the newest checkpoint, if there is one. */
    private Process start(InferenceConfig config) throws IOException {
        Path file = Files.writeString(directory.resolve("inference.yaml"), """
                brokers: "%s"
                registry: {url: "%s"}
                group: %s
                delivery: exactly-once
                checkpoints: {directory: "%s", interval: PT0.3S}
                models: {cache: "%s", trust: {anybody: {}}}
                """.formatted(
                        config.brokers(),
                        config.registry().url(),
                        config.group(),
                        config.checkpoints().directory(),
                        config.models().cache()));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingModelMain.class.getName(),
                file.toString(),
                pipeline,
                KILLING_TEXT));
        Optional<Path> checkpoint =
                RunningJob.newest(Path.of(config.checkpoints().directory()));
        checkpoint.ifPresent(path -> command.add(path.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory
                        .resolve("process-" + processes.size() + ".log")
                        .toFile())
                .start();
        processes.add(process);
        return process;
    }
}
