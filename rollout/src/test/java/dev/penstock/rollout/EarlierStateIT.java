package dev.penstock.rollout;

import static dev.penstock.rollout.RolloutPlatform.last;
import static dev.penstock.rollout.RolloutPlatform.stage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.EarlierSavepoint;
import dev.penstock.flink.RunningJob;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goes on from an {@link EarlierSavepoint}. Of what happened before it the broker knows nothing: whatever is counted
 * beside what comes after it was in its state.
 */
class EarlierStateIT {
    /** Outcomes wait a little, so that one waits when the job stops. The last step asks for more rows than there are. */
    private static final String PLAN = """
            {alpha: 0.1,
             shadow: {minimum-rows: 50, minimum-labels: 50, minimum-time: PT0.1S},
             steps: [{share: 0.1, minimum-rows: 20, minimum-labels: 10, minimum-time: PT0.1S},
                     {share: 0.5, minimum-rows: 1000000, minimum-time: PT0.1S}],
             maturity: {human: PT0S, outcome: PT20S, appeal: PT0S},
             label-health: {largest-share: 1, overruled: 0.01},
             window-labels: 10}
            """;
    /** A hundred years: what is older is forgotten, a savepoint's state too. */
    private static final String JOINING = "joining: {retention: P36500D, unknown: P36500D, settling: PT2S}";

    /** Requests that both versions answered before the candidate answered any alone, all of them labelled. */
    private static final int SHADOWED = 100;
    /** Requests of which an amount was seen. */
    private static final int SEEN = 20;
    /** Pairs of requests that control and candidate answered. */
    private static final int PAIRS = 20;

    private static final int LABELLED_CONTROLS = 16;
    private static final int LABELLED_CANARIES = 15;
    /** Labelled, and not answered yet. */
    private static final int UNANSWERED = SHADOWED + SEEN + 2 * PAIRS;

    /** A window of drift, less what the champion had answered of it. */
    private static final int REST_OF_WINDOW = 1_000 - SHADOWED - SEEN - PAIRS;

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void aJobOfThisVersionRemembersWhatOneOfAnEarlierVersionSaw() throws Exception {
        if (EarlierSavepoint.isToBeWritten()) {
            writeSavepoint();
        }
        Instant began = Instant.now();
        try (RolloutPlatform platform = platform()) {
            platform.standInForAnotherBroker();
            platform.goOnWith(UNANSWERED);
            try (RunningJob job = platform.start(Optional.of(EarlierSavepoint.directory()))) {
                labelsThatHadCountedAreKnown(platform);
                aPauseAndAQueueHold(platform);
                evidenceThatWasThereMovesTheCandidateOn(platform);
                labelsJoinAnswersAndCountBesideTheEarlier(platform, began);
                requestsFillTheWindowOfDriftThatWasBegun(platform, began);
            }
        }
    }

    private static void labelsThatHadCountedAreKnown(RolloutPlatform platform) {
        platform.say(0);
        platform.takeBack(0);
        platform.takeBack(2);

        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(platform.alerts())
                .filteredOn(alert -> alert.getCode() == AlertCode.SUSPICIOUS_LABELS)
                .singleElement()
                .satisfies(alert -> assertThat(alert.getMessage())
                        .contains("2 labels were changed after they had counted, and %d counted meanwhile"
                                .formatted(SHADOWED + LABELLED_CONTROLS))));
    }

    private static void aPauseAndAQueueHold(RolloutPlatform platform) {
        platform.announce(4);

        RolloutState state = platform.awaitStage(4, RolloutStage.WAITING);

        assertThat(state.getPaused()).isTrue();
        assertThat(last(state).getChampion()).isEqualTo(1);
        assertThat(last(state).getCandidate()).isEqualTo(2);
        assertThat(last(state).getShare()).isEqualTo(0.1);
        assertThat(stage(state, 1)).contains(RolloutStage.CHAMPION);
        assertThat(stage(state, 2)).contains(RolloutStage.CANARY);
        // It had waited since before the savepoint.
        assertThat(stage(state, 3)).contains(RolloutStage.RETIRED);
    }

    private static void evidenceThatWasThereMovesTheCandidateOn(RolloutPlatform platform) {
        platform.command(RolloutAction.RESUME, null);

        RolloutState state = platform.awaitState(any -> last(any).getShare() == 0.5);

        assertThat(state.getPaused()).isFalse();
        assertThat(last(state).getCandidate()).isEqualTo(2);
        assertThat(platform.history())
                .filteredOn(event -> event.getVersion() == 2 && event.getShare() == 0.5)
                .extracting(RolloutEvent::getBecause)
                .singleElement()
                .asString()
                .contains("on %d labels its loss is 0.5000 lower".formatted(SHADOWED), "2 of them were changed since");
    }

    private static void labelsJoinAnswersAndCountBesideTheEarlier(RolloutPlatform platform, Instant began) {
        for (int pair = 0; pair < LABELLED_CANARIES; pair++) {
            // Said before: it counts once.
            platform.say(canary(pair));
        }
        for (int pair = LABELLED_CONTROLS; pair < PAIRS; pair++) {
            platform.say(control(pair));
        }
        // One more had its outcome, which was not old enough.
        for (int pair = LABELLED_CANARIES + 1; pair < PAIRS - 1; pair++) {
            platform.say(canary(pair));
        }
        platform.served(2, Variant.CANARY, true);

        // The first was made when the candidate moved on, before or after the outcome was old enough.
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(checks(platform, began, "loss.traffic"))
                .extracting(Check::getSamples, Check::getEstimate)
                .hasSize(2)
                .last()
                .isEqualTo(tuple((long) PAIRS, -0.5)));
    }

    /** The reference is known from the announcement alone, which came before the savepoint. */
    private static void requestsFillTheWindowOfDriftThatWasBegun(RolloutPlatform platform, Instant began) {
        Random random = new Random(2);
        for (int row = 0; row < REST_OF_WINDOW; row++) {
            platform.seen(1, 1 + random.nextGaussian());
        }

        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(checks(platform, began, "drift.rolling.amount"))
                        .singleElement()
                        .satisfies(check -> {
                            assertThat(check.getVerdict()).isEqualTo(EvidenceVerdict.FAIL);
                            assertThat(check.getSamples()).isEqualTo(SEEN + REST_OF_WINDOW);
                        }));
        assertThat(platform.evaluations())
                .filteredOn(evaluation -> evaluation.getWindowStart() != null)
                .singleElement()
                .satisfies(evaluation -> assertThat(evaluation.getWindowStart()).isBefore(began));
        await().untilAsserted(() -> assertThat(platform.alerts())
                .filteredOn(alert -> alert.getCode() == AlertCode.DRIFT)
                .singleElement()
                .satisfies(alert -> assertThat(alert.getMessage())
                        .contains("Of 1,000 requests against the reference of 1,000, 'rolling.amount' changed most")));
    }

    /** What evaluations since then say of it. */
    private static Stream<Check> checks(RolloutPlatform platform, Instant since, String name) {
        return platform.evaluations().stream()
                .filter(evaluation -> !evaluation.getEvaluatedAt().isBefore(since))
                .map(Evaluation::getChecks)
                .flatMap(checks ->
                        checks.stream().filter(check -> check.getName().equals(name)));
    }

    private void writeSavepoint() throws IOException {
        try (RolloutPlatform platform = platform();
                RunningJob job = platform.start(Optional.empty())) {
            platform.announceJudgedOn(1, new Random(1));
            platform.awaitStage(1, RolloutStage.CHAMPION);
            platform.announce(2);
            platform.awaitStage(2, RolloutStage.SHADOW);
            for (int request = 0; request < SHADOWED; request++) {
                platform.say(platform.shadowed(1, 2, true));
            }
            platform.awaitStage(2, RolloutStage.CANARY);
            platform.command(RolloutAction.PAUSE, null);
            platform.awaitState(RolloutState::getPaused);
            Random random = new Random(3);
            for (int request = 0; request < SEEN; request++) {
                platform.seen(1, random.nextGaussian());
            }
            for (int pair = 0; pair < PAIRS; pair++) {
                assertThat(platform.served(1, Variant.CONTROL, pair % 2 == 0)).isEqualTo(control(pair));
                assertThat(platform.served(2, Variant.CANARY, true)).isEqualTo(canary(pair));
            }
            for (int pair = 0; pair < LABELLED_CONTROLS; pair++) {
                platform.say(control(pair));
            }
            for (int pair = 0; pair < LABELLED_CANARIES; pair++) {
                platform.say(canary(pair));
            }
            platform.flush();
            await().atMost(Duration.ofMinutes(1)).until(() -> platform.history().stream()
                    .anyMatch(event -> event.getBecause().startsWith("it is held, though")));
            platform.announce(3);
            platform.awaitStage(3, RolloutStage.WAITING);
            platform.show(canary(LABELLED_CANARIES));
            platform.say(UNANSWERED);
            platform.awaitRead();
            EarlierSavepoint.leave(job, directory.resolve("savepoints"));
        }
    }

    private static int control(int pair) {
        return SHADOWED + SEEN + 2 * pair;
    }

    private static int canary(int pair) {
        return control(pair) + 1;
    }

    private RolloutPlatform platform() {
        return new RolloutPlatform(KAFKA, directory, "earlier-state", PLAN, JOINING);
    }
}
