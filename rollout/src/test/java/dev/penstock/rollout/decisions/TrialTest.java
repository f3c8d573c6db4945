package dev.penstock.rollout.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.rollout.decisions.Happening.DriftSeen;
import dev.penstock.rollout.decisions.Happening.Served;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.Shadowed;
import dev.penstock.rollout.decisions.Happening.Ticked;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How evidence moves a version on, holds it or ends its trial. */
class TrialTest extends RolloutScenario {
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
    void whatEndsATrialIsEvaluatedOnce() {
        announce(1);
        announce(2);

        shadow(2_000, 0.2, 0.2);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 RETIRED");
        assertThat(evaluations).hasSizeGreaterThan(2).doesNotHaveDuplicates();
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
}
