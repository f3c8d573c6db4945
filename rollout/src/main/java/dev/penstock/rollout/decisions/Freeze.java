package dev.penstock.rollout.decisions;

import dev.penstock.rollout.decisions.Happening.DriftSeen;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.RolloutState;
import java.util.List;
import java.util.Optional;

/** Whether promotions wait, whatever evidence says: people have paused them, labels are suspected, or there is drift. */
final class Freeze {
    private final LabelLedger labels;
    private boolean paused;
    private String drift;

    /** @param drift in words; empty if there is none */
    Freeze(LabelLedger labels, boolean paused, String drift) {
        this.labels = labels;
        this.paused = paused;
        this.drift = drift;
    }

    Optional<String> because() {
        if (paused) {
            return Optional.of("promotions are paused");
        }
        if (!labels.suspicious().isEmpty()) {
            return Optional.of("labels are suspected (%s)"
                    .formatted(String.join("; ", labels.suspicious().values())));
        }
        return drift.isEmpty() ? Optional.empty() : Optional.of("there is drift (%s)".formatted(drift));
    }

    LabelLedger labels() {
        return labels;
    }

    boolean isPaused() {
        return paused;
    }

    String drift() {
        return drift;
    }

    void pause() {
        paused = true;
    }

    /** @return the sources and slices that were suspected, and are believed from now on */
    List<String> resume(RolloutPlan plan) {
        paused = false;
        List<String> suspected = List.copyOf(labels.suspicious().keySet());
        labels.accept(plan);
        return suspected;
    }

    /** What was written holds, whatever was known. */
    void adopt(RolloutState written) {
        paused = written.getPaused();
    }

    void drift(DriftSeen seen) {
        drift = seen.active() ? seen.detail() : "";
    }
}
