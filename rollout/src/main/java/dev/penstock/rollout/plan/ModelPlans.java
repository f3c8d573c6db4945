package dev.penstock.rollout.plan;

import java.io.Serializable;
import java.util.Map;

/**
 * A plan for every model there may be.
 *
 * @param usual for the models that are not named
 * @param models by name
 */
public record ModelPlans(RolloutPlan usual, Map<String, RolloutPlan> models) implements Serializable {
    public ModelPlans {
        models = Map.copyOf(models);
    }

    public RolloutPlan of(String model) {
        return models.getOrDefault(model, usual);
    }
}
