package dev.penstock.rollout;

import static dev.penstock.rollout.RolloutPlatform.last;
import static dev.penstock.rollout.RolloutPlatform.stage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.RunningJob;
import dev.penstock.local.FreePort;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job on a broker, with what inference and people would write. */
class RolloutIT {
    private static final String FAST = """
            {alpha: 0.1,
             shadow: {minimum-rows: 50, minimum-labels: 50, minimum-time: PT0.1S},
             steps: [{share: 0.1, minimum-rows: 20, minimum-time: PT0.1S},
                     {share: 0.5, minimum-rows: 20, minimum-labels: 10, minimum-time: PT0.1S}],
             label-health: {largest-share: 1}}
            """;
    /** Nothing is ever shown by so many labels. */
    private static final String ENDLESS = """
            {shadow: {minimum-rows: 1000000, minimum-labels: 1000000, maximum-labels: 2000000, minimum-time: PT0.1S},
             label-health: {largest-share: 1}, window-labels: 10, window-rows: 10}
            """;

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void aBetterVersionBecomesTheChampionAndAWorseOneIsRolledBack() {
        try (RolloutPlatform platform = new RolloutPlatform(KAFKA, directory, FAST);
                RunningJob job = platform.start(Optional.empty())) {
            platform.announce(1);
            RolloutState first = platform.awaitStage(1, RolloutStage.CHAMPION);
            assertThat(last(first).getChampion()).isEqualTo(1);
            assertThat(last(first).getCandidate()).isNull();

            platform.announce(2);
            RolloutState shadow = platform.awaitStage(2, RolloutStage.SHADOW);
            assertThat(last(shadow).getCandidate()).isEqualTo(2);
            assertThat(last(shadow).getShare()).isZero();

            untilStage(platform, 2, RolloutStage.CANARY, () -> platform.shadowed(1, 2, true));
            // As often right as it was in SHADOW: labels that suddenly contradict the champion would rightly be
            // suspected.
            AtomicInteger pairs = new AtomicInteger();
            untilStage(platform, 2, RolloutStage.CHAMPION, () -> {
                platform.say(platform.served(1, Variant.CONTROL, pairs.getAndIncrement() % 2 == 0));
                return platform.served(2, Variant.CANARY, true);
            });
            assertThat(last(platform.state().orElseThrow()).getChampion()).isEqualTo(2);

            platform.announce(3);
            platform.awaitStage(3, RolloutStage.SHADOW);
            untilStage(platform, 3, RolloutStage.ROLLED_BACK, () -> platform.shadowed(2, 3, false));

            assertThat(platform.history())
                    .filteredOn(event -> event.getVersion() == 2)
                    .extracting(RolloutEvent::getStage)
                    .containsExactly(
                            RolloutStage.SHADOW, RolloutStage.CANARY, RolloutStage.CANARY, RolloutStage.CHAMPION);
            assertThat(platform.history())
                    .filteredOn(event -> event.getVersion() == 3)
                    .last()
                    .satisfies(event -> assertThat(event.getBecause()).contains("labels"));
            assertThat(platform.alerts())
                    .filteredOn(alert -> alert.getCode() == AlertCode.VERSION_ROLLED_BACK)
                    .singleElement()
                    .satisfies(alert -> assertThat(alert.getModelVersion()).isEqualTo(3));
            assertThat(platform.states()).extracting(RolloutState::getChangedAt).isSorted();
        }
    }

    @Test
    void aCommandIsWrittenWithinTwoSeconds() {
        try (RolloutPlatform platform = new RolloutPlatform(KAFKA, directory, ENDLESS);
                RunningJob job = platform.start(Optional.empty())) {
            platform.announce(1);
            platform.awaitStage(1, RolloutStage.CHAMPION);
            long slowest = 0;
            for (int version = 2; version <= 6; version++) {
                platform.announce(version);
                platform.awaitStage(version, RolloutStage.SHADOW);
                platform.command(RolloutAction.PROMOTE, version);
                platform.awaitStage(version, RolloutStage.CHAMPION);

                int rolledBack = version;
                Instant asked = Instant.now();
                platform.command(RolloutAction.ROLL_BACK, version);
                RolloutState state = platform.awaitStage(version, RolloutStage.ROLLED_BACK);
                Instant written =
                        platform.writtenAt(any -> stage(any, rolledBack).equals(Optional.of(RolloutStage.ROLLED_BACK)));
                slowest = Math.max(slowest, Duration.between(asked, written).toMillis());

                assertThat(last(state).getChampion()).isEqualTo(1);
            }
            System.out.printf("From command to written state: %d ms at most, of 5%n", slowest);
            assertThat(Duration.ofMillis(slowest)).isLessThan(Duration.ofSeconds(2));
            assertThat(platform.history())
                    .filteredOn(event -> event.getStage() == RolloutStage.ROLLED_BACK)
                    .hasSize(5)
                    .allSatisfy(event -> {
                        assertThat(event.getActor()).isEqualTo("ada");
                        assertThat(event.getCommandId()).isNotNull();
                    });
        }
    }

    @Test
    void aJobThatIsCutOffLosesNoLabelAndCountsNoneTwice() {
        int labels = 200;
        try (RolloutPlatform platform = new RolloutPlatform(KAFKA, directory, ENDLESS)) {
            Path checkpoint;
            try (RunningJob job = platform.start(Optional.empty())) {
                platform.announce(1);
                platform.awaitStage(1, RolloutStage.CHAMPION);
                platform.announce(2);
                platform.awaitStage(2, RolloutStage.SHADOW);
                for (int request = 0; request < labels; request++) {
                    platform.shadowed(1, 2, request % 2 == 0);
                }
                for (int request = 0; request < labels / 4; request++) {
                    platform.say(request);
                }
                await().until(() -> labelsSeen(platform) > 0);
                job.awaitCheckpoint();
                for (int request = labels / 4; request < labels / 2; request++) {
                    platform.say(request);
                }
                await().until(() -> labelsSeen(platform) == labels / 2);
                checkpoint = job.cancel();
            }
            try (RunningJob job = platform.start(Optional.of(checkpoint))) {
                for (int request = labels / 2; request < labels; request++) {
                    platform.say(request);
                }
                await().atMost(Duration.ofMinutes(1)).until(() -> labelsSeen(platform) >= labels);
                job.awaitCheckpoint();

                assertThat(labelsSeen(platform)).isEqualTo(labels);
                assertThat(last(platform.state().orElseThrow()).getCandidate()).isEqualTo(2);
            }
        }
    }

    @Test
    void aJobWithoutItsCheckpointGoesOnWithWhoServes() {
        try (RolloutPlatform platform = new RolloutPlatform(KAFKA, directory, ENDLESS)) {
            try (RunningJob job = platform.start(Optional.empty())) {
                platform.announce(1);
                platform.awaitStage(1, RolloutStage.CHAMPION);
                platform.announce(2);
                platform.awaitStage(2, RolloutStage.SHADOW);
                platform.command(RolloutAction.ROLL_BACK, 2);
                platform.awaitStage(2, RolloutStage.ROLLED_BACK);
                platform.announce(3);
                platform.awaitStage(3, RolloutStage.SHADOW);
            }
            RolloutState before = platform.state().orElseThrow();
            try (RunningJob job = platform.start(Optional.empty())) {
                platform.announce(4);
                RolloutState after = platform.awaitStage(4, RolloutStage.WAITING);

                assertThat(after.getSteps()).containsAll(before.getSteps());
                assertThat(last(after).getChampion()).isEqualTo(1);
                assertThat(last(after).getCandidate()).isEqualTo(3);
                assertThat(stage(after, 2)).contains(RolloutStage.ROLLED_BACK);
            }
        }
    }

    @Test
    void aVersionThatWasRefusedBeforeItWasPublishedIsRecordedAndNeverOnTrial() {
        try (RolloutPlatform platform = new RolloutPlatform(KAFKA, directory, ENDLESS);
                RunningJob job = platform.start(Optional.empty())) {
            platform.announce(1);
            platform.awaitStage(1, RolloutStage.CHAMPION);
            platform.announce(ModelVersion.newBuilder(platform.version(2))
                    .setRefusedBecause(List.of("its error is 0.31, and the serving version's is 0.12"))
                    .build());

            RolloutState state = platform.awaitStage(2, RolloutStage.REFUSED);

            assertThat(last(state).getCandidate()).isNull();
            assertThat(state.getVersions())
                    .filteredOn(version -> version.getVersion() == 2)
                    .singleElement()
                    .satisfies(version -> assertThat(version.getBecause()).contains("0.31"));
        }
    }

    @Test
    void aChampionThatSeesAnotherWorldThanItWasJudgedOnRaisesAnAlert() {
        Random random = new Random(1);
        int port = FreePort.find();
        try (RolloutPlatform platform =
                        new RolloutPlatform(KAFKA, directory, ENDLESS, "metrics: {port: %d}".formatted(port));
                RunningJob job = platform.start(Optional.empty())) {
            platform.announceJudgedOn(1, random);
            platform.awaitStage(1, RolloutStage.CHAMPION);
            for (int row = 0; row < 1_000; row++) {
                platform.seen(1, random.nextGaussian());
            }
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> driftVerdicts(platform).equals(List.of(EvidenceVerdict.PASS)));
            assertThat(platform.alerts()).isEmpty();

            for (int row = 0; row < 1_000; row++) {
                platform.seen(1, 1 + random.nextGaussian());
            }

            await().atMost(Duration.ofMinutes(1))
                    .until(() -> driftVerdicts(platform).equals(List.of(EvidenceVerdict.PASS, EvidenceVerdict.FAIL)));
            await().until(() -> !platform.alerts().isEmpty());
            assertThat(platform.alerts()).singleElement().satisfies(alert -> {
                assertThat(alert.getCode()).isEqualTo(AlertCode.DRIFT);
                assertThat(alert.getModelVersion()).isEqualTo(1);
                assertThat(alert.getMessage()).contains("'rolling.amount' changed most");
            });
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                List<String> lines = scrape(port);
                assertThat(value(lines, "model_version_drifting{")).isEqualTo(1);
                assertThat(value(lines, "model_version_drift_psi{")).isGreaterThan(0.25);
            });
        }
    }

    @Test
    void prometheusFindsWhoServesAndWhoIsOnTrial() {
        int port = FreePort.find();
        try (RolloutPlatform platform =
                        new RolloutPlatform(KAFKA, directory, ENDLESS, "metrics: {port: %d}".formatted(port));
                RunningJob job = platform.start(Optional.empty())) {
            platform.announce(1);
            platform.awaitStage(1, RolloutStage.CHAMPION);
            platform.announce(2);
            platform.awaitStage(2, RolloutStage.SHADOW);
            for (int request = 0; request < 10; request++) {
                platform.say(platform.shadowed(1, 2, true));
            }

            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                List<String> lines = scrape(port).stream()
                        .filter(line -> line.contains(platform.model()))
                        .toList();
                assertThat(value(lines, "model_champion_version{")).isEqualTo(1);
                assertThat(value(lines, "model_candidate_version{")).isEqualTo(2);
                assertThat(value(lines, "model_trial_share{")).isZero();
                assertThat(value(lines, "pipeline_labels{")).isEqualTo(10);
                assertThat(lines)
                        .anyMatch(line -> line.contains("version_check_samples{")
                                && line.contains("check=\"loss.shadow\"")
                                && line.endsWith(" 10.0"));
            });
        }
    }

    /** The sum over all tasks. */
    private static double value(List<String> lines, String metric) {
        return lines.stream()
                .filter(line -> line.contains(metric))
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

    private static List<EvidenceVerdict> driftVerdicts(RolloutPlatform platform) {
        return platform.evaluations().stream()
                .filter(evaluation -> evaluation.getChecks().stream()
                        .anyMatch(check -> check.getName().startsWith("drift.")))
                .sorted(Comparator.comparing(Evaluation::getEvaluatedAt))
                .map(Evaluation::getVerdict)
                .toList();
    }

    /** Sends requests, and what a person says of them, until the version stands there. */
    private static void untilStage(RolloutPlatform platform, int version, RolloutStage stage, IntSupplier request) {
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    for (int sent = 0; sent < 10; sent++) {
                        platform.say(request.getAsInt());
                    }
                    platform.flush();
                    RolloutState state = platform.state().orElseThrow();
                    assertThat(stage(state, version)).as("%s", state).contains(stage);
                });
    }

    private static long labelsSeen(RolloutPlatform platform) {
        return platform.evaluations().stream()
                .map(Evaluation::getChecks)
                .flatMap(List::stream)
                .filter(check -> check.getName().equals("loss.shadow"))
                .mapToLong(Check::getSamples)
                .max()
                .orElse(0);
    }
}
