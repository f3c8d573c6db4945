package dev.penstock.rollout;

import static dev.penstock.schemas.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutTest {
    @Test
    void aJobThatBeginsTakesUpTheNewestDecisionAndNotTheLastRecord() {
        Map<String, RolloutState> newest = new HashMap<>();

        Rollout.putState(newest, "spam", state(1, NOON));
        Rollout.putState(newest, "spam", state(3, NOON.plusSeconds(2)));
        Rollout.putState(newest, "spam", state(2, NOON.plusSeconds(1)));
        assertThat(newest).containsOnly(Map.entry("spam", state(3, NOON.plusSeconds(2))));

        Rollout.putState(newest, "spam", null);
        assertThat(newest).isEmpty();
    }

    private static RolloutState state(int champion, Instant changedAt) {
        return RolloutState.newBuilder()
                .setModel("spam")
                .setSteps(List.of(RolloutStep.newBuilder()
                        .setHoldsFrom(NOON)
                        .setChampion(champion)
                        .build()))
                .setVersions(List.of())
                .setChangedAt(changedAt)
                .build();
    }
}
