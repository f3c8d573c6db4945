package dev.penstock.rollout.plan;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The plans of all models as they are written in a file.
 *
 * @param preset to start from
 * @param standard what is different from the preset, for every model
 * @param models what is different from that for some, by name
 */
public record RolloutPlans(
        @Default("production") Preset preset, @Default PlanChanges standard, Map<String, PlanChanges> models) {

    public RolloutPlans {
        models = Map.copyOf(models);
        Checks checks = new Checks();
        try {
            RolloutPlan usual = standard.appliedTo(preset.plan());
            models.forEach((model, changes) -> check(checks, "models." + model, changes, usual));
        } catch (IllegalArgumentException e) {
            checks.require(false, "standard", String.valueOf(e.getMessage()));
        }
        checks.refuse("rollout plans");
    }

    /** Plans that can be sent to where a job runs. */
    public ModelPlans resolved() {
        RolloutPlan usual = standard.appliedTo(preset.plan());
        return new ModelPlans(
                usual, models.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                        .appliedTo(usual))));
    }

    private static void check(Checks checks, String key, PlanChanges changes, RolloutPlan usual) {
        try {
            changes.appliedTo(usual);
        } catch (IllegalArgumentException e) {
            checks.require(false, key, String.valueOf(e.getMessage()));
        }
    }
}
