package dev.penstock.rollout.decisions;

import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutState;
import java.util.List;
import java.util.Optional;

/**
 * What follows from something that happened.
 *
 * @param state the whole new state of the rollout; empty if it is as before
 * @param events what happened to versions, in order
 * @param evaluations what is known of versions
 * @param alerts what people should know
 */
public record Decisions(
        Optional<RolloutState> state, List<RolloutEvent> events, List<Evaluation> evaluations, List<Alert> alerts) {
    public Decisions {
        events = List.copyOf(events);
        evaluations = List.copyOf(evaluations);
        alerts = List.copyOf(alerts);
    }

    public boolean isEmpty() {
        return state.isEmpty() && events.isEmpty() && evaluations.isEmpty() && alerts.isEmpty();
    }
}
