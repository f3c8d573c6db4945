package dev.penstock.rollout.decisions;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.rollout.decisions.Happening.Announced;
import dev.penstock.rollout.decisions.Happening.Served;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.Shadowed;
import dev.penstock.rollout.decisions.Happening.ShadowedLabelled;
import dev.penstock.rollout.decisions.Happening.Ticked;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is remembered of a rollout, and for how long. */
class ModelRolloutTest extends RolloutScenario {
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
}
