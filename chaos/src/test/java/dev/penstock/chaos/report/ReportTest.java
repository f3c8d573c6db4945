package dev.penstock.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.judging.Verdict;
import dev.penstock.chaos.judging.Verdict.Complaints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    private static TrialReport trial(long lost, InjectionReport... injections) {
        return trial(lost, 2, injections);
    }

    private static TrialReport trial(long lost, long complete, InjectionReport... injections) {
        return new TrialReport(
                List.of("taskmanager"),
                "reduced",
                1,
                300,
                1,
                Duration.ofSeconds(20),
                Duration.ofSeconds(70),
                new Verdict(
                        Delivery.EXACTLY_ONCE,
                        1_000,
                        1_000,
                        990 - lost,
                        10,
                        new Complaints(lost, 0, 0, 0, 0, 0, 0, 0),
                        500,
                        490 - lost,
                        0,
                        0,
                        lost == 0 ? List.of() : List.of("event 7 was acknowledged and has no outcome")),
                new KeptState("s3", 11, 12_345, complete),
                List.of(injections));
    }

    private static InjectionReport kill(Optional<Duration> recovery) {
        return new InjectionReport(
                "taskmanager", true, "taskmanager-1", TIME, Duration.ZERO, recovery, Duration.ofMillis(4_200));
    }

    private static Report report(TrialReport trial) {
        return new Report(
                TIME,
                Map.of("processor", "2 × made up"),
                List.of(trial),
                List.of(new ScaleReport(2, "exactly-once", 50_000, 4_321.6)));
    }

    @Test
    void saysWhatWasSeen() {
        Report report =
                report(trial(0, kill(Optional.of(Duration.ofSeconds(5))), kill(Optional.of(Duration.ofSeconds(31)))));

        assertThat(report.holds()).isTrue();
        assertThat(report.toMarkdown())
                .contains("2 × made up")
                .contains("## taskmanager, exactly-once")
                .contains("**As promised.**")
                .contains(
                        "Checkpoints in s3: at the end 11 files of 12,345 bytes, in which there are 2 complete states.")
                .containsPattern("\\| 2 +\\| exactly-once +\\| 50,000 +\\| 4,322 +\\|")
                .containsPattern("\\| acknowledged +\\| 1,000 +\\|")
                .containsPattern("\\| taskmanager \\| 2 +\\| 0 +\\| 31\\.0 +\\| 31\\.0 +\\| 4\\.2 +\\| 1 +\\|");
        assertThat(report.trials().get(0).slowRecoveries()).isEqualTo(1);
    }

    @Test
    void anEventThatIsLostIsSaidAloud() {
        Report report = report(trial(1, kill(Optional.of(Duration.ofSeconds(5)))));

        assertThat(report.holds()).isFalse();
        assertThat(report.toMarkdown())
                .contains("**Not as promised.**")
                .contains("- event 7 was acknowledged and has no outcome");
    }

    @Test
    void whatDidNotComeBackIsNotAsPromised() {
        Report report = report(trial(0, kill(Optional.empty())));

        assertThat(report.holds()).isFalse();
        assertThat(report.toMarkdown()).contains("never");
    }

    @Test
    void nothingToGoOnFromIsNotAsPromised() {
        Report report = report(trial(0, 0, kill(Optional.of(Duration.ofSeconds(5)))));

        assertThat(report.holds()).isFalse();
    }

    @Test
    void countsWhatCheckpointsHaveLeft(@TempDir Path directory) throws Exception {
        Path checkpoint = Files.createDirectories(directory.resolve("job/chk-7"));
        Files.createDirectories(directory.resolve("job/shared"));
        Files.writeString(checkpoint.resolve("state"), "12345");
        Files.writeString(checkpoint.resolve("_metadata"), "123");

        KeptState kept = KeptState.in("disk", directory);

        assertThat(kept).isEqualTo(new KeptState("disk", 2, 8, 1));
    }

    @Test
    void programsFindEveryFault(@TempDir Path directory) throws Exception {
        report(trial(0, kill(Optional.of(Duration.ofSeconds(5))))).write(directory);

        assertThat(directory.resolve("2026-01-02T0304.md")).exists();
        JsonNode json = new ObjectMapper()
                .readTree(Files.readString(directory.resolve("2026-01-02T0304.json")))
                .path("trials")
                .path(0);
        assertThat(json.path("acknowledged").asLong()).isEqualTo(1_000);
        assertThat(json.path("checkpoints").path("complete").asLong()).isEqualTo(2);
        assertThat(json.path("injections").path(0).path("recovery-millis").asLong())
                .isEqualTo(5_000);
    }
}
