package dev.penstock.rollout.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.rollout.decisions.Happening.Announced;
import dev.penstock.rollout.decisions.Happening.Commanded;
import dev.penstock.rollout.decisions.Happening.Served;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.Variant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What people may ask for, and how they are answered. */
class CommandsTest extends RolloutScenario {
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
}
