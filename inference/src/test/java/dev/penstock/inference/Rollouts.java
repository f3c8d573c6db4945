package dev.penstock.inference;

import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.time.Instant;
import java.util.List;

/** States of a rollout. */
public final class Rollouts {
    private Rollouts() {}

    public static RolloutState of(String model, RolloutStep... steps) {
        return of(model, List.of(steps));
    }

    public static RolloutState of(String model, List<RolloutStep> steps) {
        return RolloutState.newBuilder()
                .setModel(model)
                .setSteps(steps)
                .setVersions(List.of())
                .setChangedAt(Instant.ofEpochMilli(0))
                .build();
    }

    /** One version answers. */
    public static RolloutStep champion(long holdsFrom, int champion) {
        return RolloutStep.newBuilder()
                .setHoldsFrom(Instant.ofEpochMilli(holdsFrom))
                .setChampion(champion)
                .build();
    }

    /** Another is asked as well. */
    public static RolloutStep shadow(long holdsFrom, int champion, int candidate) {
        return canary(holdsFrom, champion, candidate, 0);
    }

    /** Another answers for a share of the entities. */
    public static RolloutStep canary(long holdsFrom, int champion, int candidate, double share) {
        return RolloutStep.newBuilder()
                .setHoldsFrom(Instant.ofEpochMilli(holdsFrom))
                .setChampion(champion)
                .setCandidate(candidate)
                .setShare(share)
                .setSalt("trial-of-" + candidate)
                .build();
    }
}
