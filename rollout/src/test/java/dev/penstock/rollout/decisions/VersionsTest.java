package dev.penstock.rollout.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.rollout.decisions.Happening.Announced;
import dev.penstock.rollout.decisions.Happening.Refused;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutStep;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of versions that are announced, and of those that cannot be loaded. */
class VersionsTest extends RolloutScenario {
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
}
