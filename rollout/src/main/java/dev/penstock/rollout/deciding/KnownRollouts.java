package dev.penstock.rollout.deciding;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What topics say already when a task begins. A task may have lost its state, or have written more than its checkpoint
 * knows of: what is written holds, since others follow it.
 */
public interface KnownRollouts extends Serializable {
    /** Waits for brokers and registry. */
    Known read();

    /**
     * @param states the newest of each model
     * @param announced every version of each model
     * @param obeyed ids of commands whose consequences are among the states, of the last days
     */
    record Known(Map<String, RolloutState> states, Map<String, List<ModelVersion>> announced, Set<String> obeyed) {
        public Known {
            states = Map.copyOf(states);
            announced = Map.copyOf(announced);
            obeyed = Set.copyOf(obeyed);
        }
    }
}
