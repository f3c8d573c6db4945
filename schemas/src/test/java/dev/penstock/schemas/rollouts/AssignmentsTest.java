package dev.penstock.schemas.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AssignmentsTest {
    private static final int ENTITIES = 20_000;

    @Test
    void theChampionAnswersEverybodyWhereNothingIsOnTrial() {
        Assignments assignments = assignments(step(0, 3, null, 0, ""));

        assertThat(assignments.of("anna", 10)).isEqualTo(new Assignment(3, Variant.CHAMPION, OptionalInt.empty()));
    }

    @Test
    void aCandidateWithoutAShareOnlyShadows() {
        Assignments assignments = assignments(step(0, 3, 4, 0, "trial"));

        assertThat(assignments.of("anna", 10)).isEqualTo(new Assignment(3, Variant.CHAMPION, OptionalInt.of(4)));
    }

    @Test
    void canaryAndControlHaveTheSameShare() {
        Assignments assignments = assignments(step(0, 3, 4, 0.05, "trial"));

        assertThat(share(assignments, one -> one.variant() == Variant.CANARY && one.version() == 4))
                .isCloseTo(0.05, within(0.005));
        assertThat(share(assignments, one -> one.variant() == Variant.CONTROL && one.version() == 3))
                .isCloseTo(0.05, within(0.005));
        assertThat(share(assignments, one -> one.variant() == Variant.CHAMPION && one.version() == 3))
                .isCloseTo(0.9, within(0.01));
    }

    @Test
    void entitiesStayWithTheCandidateAsItsShareGrows() {
        Assignments assignments =
                assignments(step(0, 3, 4, 0.01, "trial"), step(100, 3, 4, 0.25, "trial"), step(200, 3, 4, 1, "trial"));

        for (int entity = 0; entity < ENTITIES; entity++) {
            String id = "entity-" + entity;
            if (assignments.of(id, 99).version() == 4) {
                assertThat(assignments.of(id, 100).version()).isEqualTo(4);
            }
            assertThat(assignments.of(id, 200)).isEqualTo(new Assignment(4, Variant.CANARY, OptionalInt.empty()));
        }
    }

    @Test
    void aRequestThatIsReadAgainIsAnsweredByTheVersionOfItsTime() {
        Assignments assignments =
                assignments(step(50, 3, null, 0, ""), step(100, 4, null, 0, ""), step(200, 3, null, 0, ""));

        assertThat(IntStream.of(0, 50, 99, 100, 199, 200, 5_000)
                        .map(time -> assignments.of("anna", time).version()))
                .containsExactly(3, 3, 3, 4, 4, 3, 3);
    }

    @Test
    void trialsFallOnDifferentEntities() {
        Assignments one = assignments(step(0, 3, 4, 0.5, "model/4"));
        Assignments other = assignments(step(0, 3, 5, 0.5, "model/5"));

        long both = IntStream.range(0, ENTITIES)
                .mapToObj(entity -> "entity-" + entity)
                .filter(id -> one.of(id, 0).version() == 4 && other.of(id, 0).version() == 5)
                .count();
        assertThat(both / (double) ENTITIES).isCloseTo(0.25, within(0.015));
    }

    @Test
    void aHistoryWithoutAStepIsRefused() {
        assertThatThrownBy(() -> assignments())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot assign requests of model 'spam': its rollout has no step");
    }

    private static double share(Assignments assignments, Predicate<Assignment> counted) {
        return IntStream.range(0, ENTITIES)
                        .mapToObj(entity -> assignments.of("entity-" + entity, 0))
                        .filter(counted)
                        .count()
                / (double) ENTITIES;
    }

    private static Assignments assignments(RolloutStep... steps) {
        return new Assignments(RolloutState.newBuilder()
                .setModel("spam")
                .setSteps(List.of(steps))
                .setVersions(List.of())
                .setChangedAt(Instant.EPOCH)
                .build());
    }

    private static RolloutStep step(
            long holdsFrom, int champion, @Nullable Integer candidate, double share, String salt) {
        return new RolloutStep(Instant.ofEpochMilli(holdsFrom), champion, candidate, share, salt);
    }
}
