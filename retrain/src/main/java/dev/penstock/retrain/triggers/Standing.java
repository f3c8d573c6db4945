package dev.penstock.retrain.triggers;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;

/**
 * What is known of a model's versions; 0 stands for none.
 *
 * @param highest version that was announced
 * @param newestSound the highest that no gate refused
 * @param champion as the rollout has it
 * @param isOnTrial whether the rollout has a candidate, or one that waits
 * @param judged the highest version that the rollout knows
 * @param judgedAt when the rollout was as it is known, in milliseconds since 1970-01-01T00:00Z
 */
public record Standing(int highest, int newestSound, int champion, boolean isOnTrial, int judged, long judgedAt) {
    static final Standing UNKNOWN = new Standing(0, 0, 0, false, 0, 0);

    Standing with(ModelVersion version) {
        return made(version.getVersion(), version.getRefusedBecause().isEmpty());
    }

    /** A training has published it; its announcement may not have been read yet. */
    Standing made(int version, boolean isSound) {
        return new Standing(
                Math.max(highest, version),
                isSound ? Math.max(newestSound, version) : newestSound,
                champion,
                isOnTrial,
                judged,
                judgedAt);
    }

    /** Whether the rollout was so before it was as it is known: a job that was cut off may write late. */
    boolean isAfter(RolloutState state) {
        return state.getChangedAt().toEpochMilli() < judgedAt;
    }

    Standing with(RolloutState state) {
        if (state.getSteps().isEmpty() || isAfter(state)) {
            return this;
        }
        RolloutStep last = state.getSteps().get(state.getSteps().size() - 1);
        boolean trial = last.getCandidate() != null
                || state.getVersions().stream().anyMatch(version -> isUndecided(version.getStage()));
        int known = state.getVersions().stream()
                .mapToInt(version -> version.getVersion())
                .max()
                .orElse(0);
        return new Standing(
                highest,
                newestSound,
                last.getChampion(),
                trial,
                Math.max(known, last.getChampion()),
                state.getChangedAt().toEpochMilli());
    }

    private static boolean isUndecided(RolloutStage stage) {
        return switch (stage) {
            case SHADOW, CANARY, WAITING -> true;
            case CHAMPION, RETIRED, ROLLED_BACK, REFUSED, UNKNOWN -> false;
        };
    }

    /** The version to start from: the one that serves. */
    int parent() {
        return champion > 0 ? champion : newestSound;
    }

    /** Also while the rollout has not noticed the newest version yet. */
    boolean isUndecided() {
        return champion > 0 && (isOnTrial || newestSound > judged);
    }
}
