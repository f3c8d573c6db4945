package dev.penstock.rollout.decisions;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.rollout.decisions.Happening.Announced;
import dev.penstock.rollout.decisions.Happening.Commanded;
import dev.penstock.rollout.decisions.Happening.DriftSeen;
import dev.penstock.rollout.decisions.Happening.Overruled;
import dev.penstock.rollout.decisions.Happening.Refused;
import dev.penstock.rollout.decisions.Happening.Served;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.Shadowed;
import dev.penstock.rollout.decisions.Happening.ShadowedLabelled;
import dev.penstock.rollout.decisions.Happening.Ticked;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.VersionStanding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelRolloutTest {
    private static final Duration RETENTION = Duration.ofDays(7);
    private static final Map<String, String> NONE = Map.of();

    private ModelRollout rollout = ModelRollout.begin("spam", RolloutPlan.demo(), RETENTION);
    private Instant now = SimulatedTraffic.BEGIN;
    private final List<RolloutEvent> events = new ArrayList<>();
    private final List<Evaluation> evaluations = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private int commands;

    // What is announced

    @Test
    void theHighestOfTheFirstVersionsThatMayServeIsTheChampion() {
        Decisions decisions = on(new Announced(List.of(version(1), version(2), version(3, "it is biased"))));

        assertThat(decisions.state()).isPresent();
        assertThat(stages()).isEqualTo("1 RETIRED, 2 CHAMPION, 3 REFUSED");
        assertThat(steps()).extracting(RolloutStep::getChampion).containsExactly(2);
        assertThat(events).extracting(RolloutEvent::getStage).contains(RolloutStage.REFUSED, RolloutStage.CHAMPION);
    }

    @Test
    void aVersionThatIsRefusedByItsGatesNeverServesEvenIfItIsTheOnlyOne() {
        Decisions decisions = on(new Announced(List.of(version(1, "it is biased"))));

        assertThat(decisions.state()).isEmpty();
        assertThat(rollout.champion()).isEmpty();
        assertThat(decisions.events()).singleElement().satisfies(event -> {
            assertThat(event.getStage()).isEqualTo(RolloutStage.REFUSED);
            assertThat(event.getBecause()).contains("it is biased");
        });
    }

    @Test
    void aNewVersionShadowsTheChampion() {
        announce(1);

        announce(2);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(steps().get(1).getCandidate()).isEqualTo(2);
        assertThat(steps().get(1).getShare()).isZero();
        assertThat(rollout.candidate()).hasValue(2);
    }

    @Test
    void oneIsOnTrialAtATimeAndTheNewestWaits() {
        announce(1);
        announce(2);
        announce(3);
        announce(4);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW, 3 RETIRED, 4 WAITING");

        command(RolloutAction.ROLL_BACK, null);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK, 3 RETIRED, 4 SHADOW");
    }

    @Test
    void aVersionOlderThanTheChampionIsNotTried() {
        announce(3);

        announce(2);

        assertThat(stages()).isEqualTo("2 RETIRED, 3 CHAMPION");
    }

    @Test
    void whatIsAnnouncedAgainChangesNothing() {
        announce(1);
        announce(2);

        assertThat(on(new Announced(List.of(version(1), version(2)))).isEmpty()).isTrue();
    }

    @Test
    void aVersionThatCannotBeLoadedEndsItsTrial() {
        announce(1);
        announce(2);

        on(new Refused(2, "its signature is unknown"));

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 REFUSED");
        assertThat(lastStep().getCandidate()).isNull();
        assertThat(lastEvent().getBecause()).contains("its signature is unknown");
        assertThat(on(new Refused(2, "its signature is unknown")).isEmpty()).isTrue();
    }

    @Test
    void aChampionThatCannotBeLoadedGivesWayToTheOneBefore() {
        announce(1);
        announce(2);
        command(RolloutAction.PROMOTE, 2);

        on(new Refused(2, "it is damaged"));

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 REFUSED");
        assertThat(lastStep().getChampion()).isEqualTo(1);
    }

    @Test
    void anOnlyVersionThatCannotBeLoadedIsTold() {
        announce(1);

        on(new Refused(1, "it is damaged"));

        assertThat(stages()).isEqualTo("1 CHAMPION");
        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.VERSION_REFUSED);
    }

    // What evidence says

    @Test
    void aBetterVersionGoesThroughEveryStepToChampion() {
        announce(1);
        announce(2);

        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
        traffic(3_000);

        assertThat(stages()).isEqualTo("1 RETIRED, 2 CHAMPION");
        assertThat(steps())
                .extracting(RolloutStep::getShare)
                .containsExactly(0.0, 0.0, 0.01, 0.05, 0.25, 0.5, 1.0, 0.0);
        assertThat(steps().stream().filter(step -> step.getCandidate() != null).map(RolloutStep::getSalt))
                .hasSize(6)
                .containsOnly(steps().get(1).getSalt());
        assertThat(evaluations).extracting(Evaluation::getVerdict).contains(EvidenceVerdict.PASS);
        assertThat(rollout.candidate()).isEmpty();
    }

    @Test
    void stepsFollowEachOtherEvenIfTheClockRunsBackwards() {
        announce(1);
        now = now.minusSeconds(100);
        announce(2);
        command(RolloutAction.ROLL_BACK, null);
        command(RolloutAction.PROMOTE, 2);

        assertThat(steps()).extracting(RolloutStep::getHoldsFrom).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aWorseVersionIsRolledBackFromShadow() {
        announce(1);
        announce(2);

        shadow(800, 0.1, 0.4);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK");
        assertThat(evaluations.get(evaluations.size() - 1).getVerdict()).isEqualTo(EvidenceVerdict.FAIL);
        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.VERSION_ROLLED_BACK);
        assertThat(lastEvent().getBecause()).contains("higher than the champion's");
    }

    @Test
    void tooLittleDataHolds() {
        announce(1);
        announce(2);

        shadow(20, 0.5, 0.1);
        now = now.plus(Duration.ofDays(1));
        on(new Ticked());

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        Evaluation evaluation = rollout.evaluation(now).orElseThrow();
        assertThat(evaluation.getVerdict()).isEqualTo(EvidenceVerdict.INCONCLUSIVE);
        Check loss = evaluation.getChecks().get(0);
        assertThat(loss.getName()).isEqualTo("loss.shadow");
        assertThat(loss.getSamples()).isEqualTo(20);
        assertThat(loss.getSmallestEffect()).isGreaterThan(0.1);
        assertThat(loss.getLower()).isLessThan(loss.getEstimate());
        assertThat(loss.getUpper()).isGreaterThan(loss.getEstimate());
    }

    @Test
    void twinsHold() {
        announce(1);
        announce(2);

        shadow(700, 0.2, 0.2);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
    }

    @Test
    void twinsMakeRoomForTheNextAfterManyLabels() {
        announce(1);
        announce(2);
        announce(3);

        shadow(2_000, 0.2, 0.2);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 RETIRED, 3 SHADOW");
        assertThat(alerts).isEmpty();
        assertThat(events)
                .filteredOn(event -> event.getStage() == RolloutStage.RETIRED)
                .singleElement()
                .satisfies(event -> assertThat(event.getBecause())
                        .startsWith("on 800 labels it has not shown that it loses less than the champion"));
    }

    @Test
    void aVersionThatFailsUnderTrafficIsRolledBackAtOnce() {
        announce(1);
        announce(2);
        shadow(400, 0.3, 0.1);

        for (int i = 0; i < 200 && rollout.candidate().isPresent(); i++) {
            on(new Served(new Answer(2, Variant.CANARY, Optional.empty(), 0, true, false, 100), NONE));
        }

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK");
        assertThat(lastStep().getChampion()).isEqualTo(1);
        assertThat(lastStep().getCandidate()).isNull();
        assertThat(lastEvent().getBecause()).contains("failures");
        assertThat(lastEvent().getHoldsFrom()).isEqualTo(lastStep().getHoldsFrom());
    }

    @Test
    void whatTheShadowFailsOnIsSeenBeforeAnybodyIsTouched() {
        announce(1);
        announce(2);

        for (int i = 0; i < 200 && rollout.candidate().isPresent(); i++) {
            on(new Shadowed(
                    answer(1, Variant.CHAMPION, true),
                    new Answer(2, Variant.SHADOW, Optional.empty(), 0, false, true, 100),
                    NONE));
        }

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK");
        assertThat(lastEvent().getBecause()).contains("non-finite");
    }

    @Test
    void labelsOfSystemsAndLabelsThatComeTooEarlyDoNotCount() {
        RolloutPlan plan = RolloutPlan.production();
        rollout = ModelRollout.begin("spam", plan, RETENTION);
        announce(1);
        announce(2);

        label(label(FeedbackSource.SYSTEM, Duration.ofDays(30)));
        label(label(FeedbackSource.HUMAN, Duration.ofMinutes(59)));
        label(label(FeedbackSource.OUTCOME, Duration.ofDays(6)));
        assertThat(labelsCounted()).isZero();

        label(label(FeedbackSource.HUMAN, Duration.ofHours(1)));
        label(label(FeedbackSource.OUTCOME, Duration.ofDays(7)));
        label(label(FeedbackSource.APPEAL, Duration.ZERO));
        assertThat(labelsCounted()).isEqualTo(3);
    }

    @Test
    void labelsOfOtherVersionsDoNotCount() {
        announce(1);
        announce(2);

        on(new ShadowedLabelled(
                answer(1, Variant.CHAMPION, true),
                answer(7, Variant.SHADOW, true),
                label(FeedbackSource.HUMAN, Duration.ZERO),
                NONE));

        assertThat(labelsCounted()).isZero();
    }

    @Test
    void oneSourceAlonePromotesNothing() {
        announce(1);
        announce(2);

        shadow(3_000, 0.3, 0.1, "anna");

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(labelsCounted()).isEqualTo(25);
        assertThat(alerts)
                .extracting(Alert::getCode)
                .containsExactly(AlertCode.SUSPICIOUS_LABELS, AlertCode.MISSING_LABELS);
        assertThat(alerts.get(0).getMessage()).contains("source.anna").contains("largest-share to 1");
    }

    @Test
    void nobodyTakesMoreNamesThanThereAreSourcesWhereTheChampionAbstains() {
        announce(1);
        announce(2);
        Answer abstaining = new Answer(1, Variant.CHAMPION, Optional.empty(), 0, false, false, 1_000);

        for (int i = 0; i < 100; i++) {
            Label label = new Label("spam", FeedbackSource.HUMAN, "mallory-" + i, 1, 1, Duration.ZERO);
            on(new ShadowedLabelled(abstaining, answer(2, Variant.SHADOW, true), label, NONE));
        }

        assertThat(new String(rollout.toBytes(), ISO_8859_1).split("source.mallory", -1))
                .hasSize(1 + 16);
    }

    @Test
    void missingLabelsAreToldOfOnceAndHold() {
        announce(1);
        announce(2);

        now = now.plusSeconds(29);
        on(new Ticked());
        assertThat(alerts).isEmpty();
        now = now.plusSeconds(1);
        on(new Ticked());
        now = now.plusSeconds(100);
        on(new Ticked());

        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.MISSING_LABELS);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
    }

    @Test
    void driftHoldsUntilItIsOver() {
        announce(1);
        announce(2);
        on(new DriftSeen(true, "PSI of amount is 0.3"));

        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(events)
                .filteredOn(event -> event.getBecause().contains("PSI of amount is 0.3"))
                .hasSize(1);

        on(new DriftSeen(false, ""));
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
    }

    @Test
    void labelsThatAreOftenOverruledHoldUntilSomebodyHasLooked() {
        announce(1);
        announce(2);
        Label label = label(FeedbackSource.HUMAN, Duration.ZERO);
        Label other = new Label("ham", FeedbackSource.APPEAL, "dora", 1, 1, Duration.ZERO);

        shadow(60, 0.3, 0.1);
        for (int i = 0; i < 20; i++) {
            on(new Overruled(answer(1, Variant.CHAMPION, true), Optional.empty(), label, other, now, NONE));
        }
        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.SUSPICIOUS_LABELS);

        command(RolloutAction.RESUME, null);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
    }

    @Test
    void whatALabelShowedForACandidateIsPaidForWhenItIsChanged() {
        announce(1);
        announce(2);
        shadow(60, 0.3, 0.1);
        byte[] before = rollout.toBytes();
        shadow(740, 0.3, 0.1);
        long needed = labelsCounted();
        rollout = ModelRollout.restore(before, RolloutPlan.demo(), RETENTION);

        changeLabelsThatSpokeForTheCandidate(4);
        rollout = ModelRollout.restore(rollout.toBytes(), RolloutPlan.demo(), RETENTION);
        shadow(740, 0.3, 0.1);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
        assertThat(labelsCounted()).isGreaterThan(needed + 20);
        assertThat(lastEvent().getBecause()).contains("4 of them were changed since, which is counted against it");
    }

    @Test
    void aCandidateGoesBackToShadowIfTheLabelsThatLetItLeaveAreChanged() {
        announce(1);
        announce(2);
        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");

        changeLabelsThatSpokeForTheCandidate(1);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(lastStep().getShare()).isZero();
        assertThat(lastEvent().getBecause()).contains("labels that had counted were changed since");
        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.SUSPICIOUS_LABELS);
        assertThat(labelsCounted()).isZero();
    }

    @Test
    void labelsOfAnotherTrialAndChangesInACandidatesFavourTakeNothing() {
        announce(1);
        announce(2);
        shadow(400, 0.3, 0.1);
        Label ham = new Label("ham", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO);
        Label spam = new Label("spam", FeedbackSource.APPEAL, "dora", 1, 1, Duration.ZERO);
        Optional<Answer> right = Optional.of(answer(2, Variant.SHADOW, true));

        for (int i = 0; i < 3; i++) {
            on(new Overruled(answer(1, Variant.CHAMPION, false), right, ham, spam, now, NONE));
            Instant before = SimulatedTraffic.BEGIN.minus(Duration.ofHours(1));
            on(new Overruled(answer(1, Variant.CHAMPION, false), right, spam, ham, before, NONE));
            on(new Overruled(answer(7, Variant.CHAMPION, false), right, spam, ham, now, NONE));
        }

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
    }

    /** The candidate had been right where the champion had not been, which is turned. */
    private void changeLabelsThatSpokeForTheCandidate(int labels) {
        for (int i = 0; i < labels; i++) {
            on(new Overruled(
                    answer(1, Variant.CHAMPION, false),
                    Optional.of(answer(2, Variant.SHADOW, true)),
                    new Label("spam", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO),
                    new Label("ham", FeedbackSource.APPEAL, "dora", 1, 1, Duration.ZERO),
                    now,
                    NONE));
        }
    }

    @Test
    void silenceIsNoSourceThatCouldFloodOrThatAnybodyMustDoWithout() {
        announce(1);
        announce(2);
        now = now.plusSeconds(3);
        for (int i = 0; i < 400 && stages().contains("2 SHADOW"); i++) {
            // Nine of ten are silent; the candidate finds as many of the reported and takes fewer of the others for
            // them.
            boolean isReported = i % 10 == 0;
            Answer champion = answer(1, Variant.CHAMPION, isReported || i % 3 > 0);
            Answer candidate = answer(2, Variant.SHADOW, true);
            Label label = isReported
                    ? new Label("spam", FeedbackSource.OUTCOME, i % 20 == 0 ? "anna" : "ben", 1, 1, Duration.ZERO)
                    : new Label("spam", FeedbackSource.SILENCE, "", 1, 1, Duration.ZERO);
            on(new Shadowed(champion, candidate, NONE));
            if (stages().contains("2 SHADOW")) {
                on(new ShadowedLabelled(champion, candidate, label, NONE));
            }
        }

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
        assertThat(alerts).isEmpty();
    }

    @Test
    void whoBreaksASilenceLaterIsNoSignOfLabelsThatChange() {
        announce(1);
        Label silence = new Label("spam", FeedbackSource.SILENCE, "", 1, 1, Duration.ZERO);
        Label report = new Label("ham", FeedbackSource.OUTCOME, "chargebacks", 1, 1, Duration.ZERO);
        for (int i = 0; i < 100; i++) {
            on(new ServedLabelled(answer(1, Variant.CHAMPION, false), report, NONE));
        }

        for (int i = 0; i < 100; i++) {
            on(new Overruled(answer(1, Variant.CHAMPION, true), Optional.empty(), silence, report, now, NONE));
        }

        assertThat(alerts).isEmpty();
    }

    @Test
    void theChampionsLabelsAreWatchedWithoutATrial() {
        announce(1);
        for (int i = 0; i < 200; i++) {
            champion("country", i % 2 == 0 ? "FR" : "DE", true);
        }

        for (int i = 0; i < 200; i++) {
            on(new ServedLabelled(
                    answer(1, Variant.CHAMPION, i % 3 > 0),
                    new Label("spam", FeedbackSource.HUMAN, i % 2 == 0 ? "anna" : "ben", 1, 1, Duration.ZERO),
                    NONE));
            on(new ServedLabelled(
                    answer(1, Variant.CHAMPION, false),
                    new Label("spam", FeedbackSource.HUMAN, "mallory", 1, 1, Duration.ZERO),
                    NONE));
        }

        assertThat(alerts).extracting(Alert::getMessage).anyMatch(message -> message.contains("source.mallory"));
    }

    // What people ask for

    @Test
    void aPersonMayPromoteFromAnyStage() {
        announce(1);
        announce(2);

        command(RolloutAction.PROMOTE, null);

        assertThat(stages()).isEqualTo("1 RETIRED, 2 CHAMPION");
        RolloutEvent event = events.stream()
                .filter(each -> each.getStage() == RolloutStage.CHAMPION && each.getVersion() == 2)
                .findFirst()
                .orElseThrow();
        assertThat(event.getActor()).isEqualTo("eve");
        assertThat(event.getBecause()).isEqualTo("I say so");
        assertThat(event.getCommandId()).isEqualTo("command-1");

        command(RolloutAction.PROMOTE, 1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 RETIRED");
    }

    @Test
    void whoPromotesAnotherVersionLetsTheTrialBeginAnew() {
        announce(1);
        announce(2);
        command(RolloutAction.ROLL_BACK, null);
        announce(3);
        shadow(400, 0.3, 0.1, 3);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK, 3 CANARY");

        command(RolloutAction.PROMOTE, 2);

        assertThat(stages()).isEqualTo("1 RETIRED, 2 CHAMPION, 3 SHADOW");
        assertThat(lastStep().getShare()).isZero();
        assertThat(labelsCounted()).isZero();
    }

    @Test
    void aRefusedVersionIsNotPromotedByAnybody() {
        announce(1);
        on(new Announced(List.of(version(2, "it is biased"))));

        command(RolloutAction.PROMOTE, 2);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 REFUSED");
        assertThat(lastEvent().getBecause()).startsWith("Cannot promote: version 2 was refused (it is biased)");
        assertThat(lastEvent().getCommandId()).isEqualTo("command-1");
    }

    @Test
    void whatCannotBeDoneIsAnsweredToo() {
        announce(1);

        command(RolloutAction.PROMOTE, null);
        command(RolloutAction.PROMOTE, 9);
        command(RolloutAction.PROMOTE, 1);
        command(RolloutAction.ROLL_BACK, null);
        command(RolloutAction.ROLL_BACK, 9);

        assertThat(events.subList(1, 6))
                .extracting(RolloutEvent::getBecause)
                .satisfiesExactly(
                        because -> assertThat(because).contains("no version is on trial; name one"),
                        because -> assertThat(because).contains("version 9 was never announced"),
                        because -> assertThat(because).contains("version 1 serves already"),
                        because -> assertThat(because).contains("there is no version to go back to from version 1"),
                        because -> assertThat(because).contains("version 9 neither serves nor is on trial"));
        assertThat(stages()).isEqualTo("1 CHAMPION");
    }

    @Test
    void aTrialCanBeRolledBack() {
        announce(1);
        announce(2);

        command(RolloutAction.ROLL_BACK, 2);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK");
        assertThat(lastEvent().getActor()).isEqualTo("eve");
    }

    @Test
    void aChampionCanBeRolledBackToTheOneBeforeIt() {
        announce(1);
        announce(2);
        command(RolloutAction.PROMOTE, 2);
        announce(3);
        command(RolloutAction.PROMOTE, 3);

        command(RolloutAction.ROLL_BACK, null);
        assertThat(stages()).isEqualTo("1 RETIRED, 2 CHAMPION, 3 ROLLED_BACK");

        command(RolloutAction.ROLL_BACK, 2);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK, 3 ROLLED_BACK");
        assertThat(lastStep().getChampion()).isEqualTo(1);
    }

    @Test
    void pausedPromotionsWaitAndGuardrailsActAllTheSame() {
        announce(1);
        announce(2);
        command(RolloutAction.PAUSE, null);

        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(rollout.state().orElseThrow().getPaused()).isTrue();

        command(RolloutAction.RESUME, null);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");

        command(RolloutAction.PAUSE, null);
        for (int i = 0; i < 200; i++) {
            on(new Served(new Answer(2, Variant.CANARY, Optional.empty(), 0, true, false, 100), NONE));
        }
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK");
    }

    @Test
    void aCommandThatComesTwiceIsObeyedOnce() {
        announce(1);
        announce(2);
        RolloutCommand command = command("once", RolloutAction.PROMOTE, 2);
        on(new Commanded(command));
        on(new Commanded(command("later", RolloutAction.ROLL_BACK, null)));

        assertThat(on(new Commanded(command)).isEmpty()).isTrue();
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK");
    }

    @Test
    void trainingIsSomebodyElsesBusiness() {
        announce(1);

        assertThat(on(new Commanded(command("a", RolloutAction.TRAIN, null))).isEmpty())
                .isTrue();
        assertThat(on(new Commanded(command("b", RolloutAction.CANCEL_TRAINING, null)))
                        .isEmpty())
                .isTrue();
    }

    // What is kept

    @Test
    void stepsAreForgottenOnceNoRequestOfTheirTimeIsKept() {
        announce(1);
        announce(2);
        command(RolloutAction.ROLL_BACK, null);
        now = now.plus(RETENTION).plusSeconds(10);

        announce(3);

        assertThat(steps()).extracting(RolloutStep::getCandidate).containsExactly(null, 3);
        assertThat(steps().get(0).getChampion()).isEqualTo(1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 ROLLED_BACK, 3 SHADOW");
    }

    @Test
    void theChampionBeforeStaysNamedHoweverLongAgoItServed() {
        announce(1);
        announce(2);
        command(RolloutAction.PROMOTE, 2);

        for (int version = 3; version < 6; version++) {
            now = now.plus(RETENTION).plusSeconds(10);
            announce(version);
            command(RolloutAction.ROLL_BACK, version);
        }

        assertThat(steps()).first().extracting(RolloutStep::getChampion).isEqualTo(1);
        assertThat(steps()).extracting(RolloutStep::getHoldsFrom).isSorted();
        assertThat(steps().size()).isLessThan(6);
    }

    @Test
    void whatIsRestoredGoesOnAsIfNothingHadHappened() {
        announce(1);
        announce(2);
        shadow(60, 0.3, 0.1);
        ModelRollout restored = ModelRollout.restore(rollout.toBytes(), RolloutPlan.demo(), RETENTION);
        assertThat(restored.toBytes()).isEqualTo(rollout.toBytes());
        List<Decisions> one = new ArrayList<>();
        List<Decisions> other = new ArrayList<>();

        for (Happening happening : someHappenings(500)) {
            now = now.plusMillis(100);
            one.add(rollout.on(happening, now));
            other.add(restored.on(happening, now));
            restored = ModelRollout.restore(restored.toBytes(), RolloutPlan.demo(), RETENTION);
        }

        assertThat(other).isEqualTo(one);
        assertThat(one).anyMatch(decisions -> !decisions.events().isEmpty());
    }

    @Test
    void whoServedSinceTheCheckpointIsFallenBackTo() {
        announce(1);
        announce(2);
        command(RolloutAction.PROMOTE, 2);
        byte[] checkpoint = rollout.toBytes();
        announce(3);
        command(RolloutAction.PROMOTE, 3);
        RolloutState written = rollout.state().orElseThrow();
        rollout = ModelRollout.restore(checkpoint, RolloutPlan.demo(), RETENTION);
        rollout.adopt(written, now);

        command(RolloutAction.ROLL_BACK, null);

        assertThat(stages()).isEqualTo("1 RETIRED, 2 CHAMPION, 3 ROLLED_BACK");
    }

    @Test
    void labelsOfTheChampionAtTheCheckpointAreNotHeldAgainstTheNextOne() {
        announce(1);
        champion("country", "FR", true);
        byte[] checkpoint = rollout.toBytes();
        announce(2);
        command(RolloutAction.PROMOTE, 2);
        RolloutState written = rollout.state().orElseThrow();
        rollout = ModelRollout.restore(checkpoint, RolloutPlan.demo(), RETENTION);

        rollout.adopt(written, now);

        assertThat(new String(checkpoint, ISO_8859_1)).contains("source.anna");
        assertThat(new String(rollout.toBytes(), ISO_8859_1)).doesNotContain("source.anna");
    }

    @Test
    void reasonsAreCutWhereTheyAreLong() {
        on(new Announced(List.of(version(1), version(2, "x".repeat(100_000)))));

        assertThat(events).allSatisfy(event -> assertThat(event.getBecause()).hasSizeLessThanOrEqualTo(1_000));
        assertThat(rollout.state().orElseThrow().getVersions())
                .allSatisfy(standing -> assertThat(standing.getBecause()).hasSizeLessThanOrEqualTo(1_000));
    }

    @Test
    void versionsThatAreDoneAreForgottenBeyondTwoHundredAndNotTriedAgain() {
        announce(1);
        announce(2);
        command(RolloutAction.PROMOTE, 2);
        for (int version = 3; version < 303; version++) {
            on(new Announced(List.of(version(version, "it is worse"))));
        }

        assertThat(stages()).startsWith("1 RETIRED, 2 CHAMPION, 103 REFUSED").endsWith("302 REFUSED");
        assertThat(rollout.state().orElseThrow().getVersions()).hasSize(202);
        assertThat(on(new Announced(List.of(version(3, "it is worse"), version(4))))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void aTrialIsKeptInFewKilobytes() {
        announce(1);
        announce(2);
        shadow(400, 0.2, 0.2);

        assertThat(rollout.toBytes().length).isLessThan(16_000);
    }

    @Test
    void bytesFromBeforeThereWereCorrectionsGoOn() {
        announce(1);
        announce(2);
        shadow(60, 0.3, 0.1, "anna");
        byte[] bytes = rollout.toBytes();
        // The number of changed labels, then two of each of two bets and three of the interval.
        byte[] earlier = Arrays.copyOf(bytes, bytes.length - Long.BYTES * 8);
        earlier[0] = 1;

        ModelRollout restored = ModelRollout.restore(earlier, RolloutPlan.demo(), RETENTION);

        assertThat(restored.evaluation(now)).isEqualTo(rollout.evaluation(now));
        assertThat(restored.toBytes()).hasSameSizeAs(bytes);
    }

    @Test
    void aPlanThatAsksForOtherEvidenceLetsTheTrialBeginAnew() {
        announce(1);
        announce(2);
        shadow(60, 0.3, 0.1);
        rollout = ModelRollout.restore(rollout.toBytes(), RolloutPlan.production(), RETENTION);
        rollout = ModelRollout.restore(rollout.toBytes(), RolloutPlan.production(), RETENTION);

        on(new Ticked());

        assertThat(lastEvent().getBecause()).contains("the plan asks for other evidence than before");
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(labelsCounted()).isZero();
    }

    @Test
    void bytesThatAreNoRolloutAreRefused() {
        assertThatThrownBy(() -> ModelRollout.restore(new byte[] {9}, RolloutPlan.demo(), RETENTION))
                .hasMessageContaining("format 9");
        assertThatThrownBy(() -> ModelRollout.restore(new byte[] {1}, RolloutPlan.demo(), RETENTION))
                .hasMessageContaining("its bytes end too early");
    }

    // Fixtures

    private Decisions on(Happening happening) {
        now = now.plusMillis(10);
        Decisions decisions = rollout.on(happening, now);
        events.addAll(decisions.events());
        evaluations.addAll(decisions.evaluations());
        alerts.addAll(decisions.alerts());
        return decisions;
    }

    private static ModelVersion version(int number, String... refusedBecause) {
        return SimulatedTraffic.version(number, refusedBecause);
    }

    private void announce(int version) {
        on(new Announced(List.of(version(version))));
    }

    private void command(RolloutAction action, Integer version) {
        on(new Commanded(command("command-" + ++commands, action, version)));
    }

    private RolloutCommand command(String id, RolloutAction action, Integer version) {
        return RolloutCommand.newBuilder()
                .setCommandId(id)
                .setModel("spam")
                .setAction(action)
                .setVersion(version)
                .setActor("eve")
                .setReason("I say so")
                .setGivenAt(now)
                .build();
    }

    private void shadow(int rows, double championErrs, double candidateErrs, String... sources) {
        shadow(rows, championErrs, candidateErrs, 2, sources);
    }

    /** Pairs with labels, evenly spread, until the candidate leaves SHADOW. */
    private void shadow(int rows, double championErrs, double candidateErrs, int candidate, String... sources) {
        List<String> names = sources.length == 0 ? List.of("anna", "ben", "carla") : List.of(sources);
        now = now.plusSeconds(3);
        for (int i = 0; i < rows && stages().contains(candidate + " SHADOW"); i++) {
            Answer champion = answer(1, Variant.CHAMPION, i * 37 % 100 >= championErrs * 100);
            Answer shadow = answer(candidate, Variant.SHADOW, (i * 37 + 50) % 100 >= candidateErrs * 100);
            on(new Shadowed(champion, shadow, NONE));
            if (stages().contains(candidate + " SHADOW")) {
                Label label = new Label("spam", FeedbackSource.HUMAN, names.get(i % names.size()), 1, 1, Duration.ZERO);
                on(new ShadowedLabelled(champion, shadow, label, NONE));
            }
        }
    }

    private void traffic(int rows) {
        for (int i = 0; i < rows && rollout.candidate().isPresent(); i++) {
            on(new Served(answer(1, Variant.CONTROL, true), NONE));
            on(new Served(answer(2, Variant.CANARY, true), NONE));
            Label label = new Label(
                    "spam",
                    FeedbackSource.HUMAN,
                    List.of("anna", "ben", "carla").get(i % 3),
                    1,
                    1,
                    Duration.ZERO);
            on(new ServedLabelled(answer(1, Variant.CONTROL, true), label, NONE));
            on(new ServedLabelled(answer(2, Variant.CANARY, true), label, NONE));
        }
    }

    private List<Happening> someHappenings(int rows) {
        List<Happening> happenings = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            Answer champion = answer(1, Variant.CHAMPION, i % 10 > 2);
            Answer candidate = answer(2, Variant.SHADOW, i % 10 != 5);
            Label label = new Label(
                    "spam",
                    FeedbackSource.HUMAN,
                    List.of("anna", "ben", "carla").get(i % 3),
                    0.9,
                    1,
                    Duration.ZERO);
            happenings.add(new Shadowed(champion, candidate, Map.of("country", "FR")));
            happenings.add(new ShadowedLabelled(champion, candidate, label, Map.of("country", "FR")));
            happenings.add(new Served(answer(1, Variant.CONTROL, true), NONE));
            happenings.add(new Served(answer(2, Variant.CANARY, i % 4 > 0), NONE));
            happenings.add(new ServedLabelled(answer(1, Variant.CONTROL, true), label, NONE));
        }
        return happenings;
    }

    private void champion(String attribute, String value, boolean right) {
        on(new ServedLabelled(
                answer(1, Variant.CHAMPION, right),
                new Label("spam", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO),
                Map.of(attribute, value)));
    }

    private void label(Label label) {
        on(new ShadowedLabelled(answer(1, Variant.CHAMPION, true), answer(2, Variant.SHADOW, true), label, NONE));
    }

    private static Label label(FeedbackSource source, Duration age) {
        return new Label("spam", source, "anna", 1, 1, age);
    }

    private static Answer answer(int version, Variant variant, boolean right) {
        return new Answer(version, variant, Optional.of(right ? "spam" : "ham"), 0.9, false, false, 1_000);
    }

    private long labelsCounted() {
        return rollout.evaluation(now).orElseThrow().getChecks().get(0).getSamples();
    }

    private String stages() {
        return String.join(
                ", ",
                rollout.state().map(RolloutState::getVersions).orElse(List.of()).stream()
                        .map(this::standing)
                        .toList());
    }

    private String standing(VersionStanding standing) {
        return standing.getVersion() + " " + standing.getStage();
    }

    private List<RolloutStep> steps() {
        return rollout.state().orElseThrow().getSteps();
    }

    private RolloutStep lastStep() {
        return steps().get(steps().size() - 1);
    }

    private RolloutEvent lastEvent() {
        return events.get(events.size() - 1);
    }
}
