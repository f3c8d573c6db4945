package dev.penstock.rollout.plan;

import dev.penstock.flink.configuration.Silence;
import java.util.List;
import java.util.Optional;

/**
 * What is different from another plan. A part with keys of its own replaces the other plan's part as a whole; what it does
 * not name is as in production.
 *
 * @param preset to start from instead of the other plan
 * @param steps the other plan's if there are none
 */
public record PlanChanges(
        Optional<Preset> preset,
        Optional<Requirement> requirement,
        Optional<Double> alpha,
        Optional<Double> margin,
        Optional<Double> largestWeight,
        Optional<Loss> loss,
        Optional<RolloutPlan.Shadow> shadow,
        List<RolloutPlan.Step> steps,
        Optional<RolloutPlan.Maturity> maturity,
        Optional<RolloutPlan.Guardrails> guardrails,
        Optional<RolloutPlan.Slices> slices,
        Optional<RolloutPlan.LabelHealth> labelHealth,
        Optional<Integer> windowRows,
        Optional<Integer> windowLabels,
        Optional<Silence> silence) {

    public PlanChanges {
        steps = List.copyOf(steps);
    }

    /** @throws IllegalArgumentException if the changed plan contradicts itself */
    RolloutPlan appliedTo(RolloutPlan other) {
        RolloutPlan base = preset.map(Preset::plan).orElse(other);
        return new RolloutPlan(
                requirement.orElse(base.requirement()),
                alpha.orElse(base.alpha()),
                margin.orElse(base.margin()),
                largestWeight.orElse(base.largestWeight()),
                loss.orElse(base.loss()),
                shadow.orElse(base.shadow()),
                steps.isEmpty() ? base.steps() : steps,
                maturity.orElse(base.maturity()),
                guardrails.orElse(base.guardrails()),
                slices.orElse(base.slices()),
                labelHealth.orElse(base.labelHealth()),
                windowRows.orElse(base.windowRows()),
                windowLabels.orElse(base.windowLabels()),
                silence.orElse(base.silence()));
    }
}
