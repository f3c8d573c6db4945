package dev.penstock.rollout.decisions;

import dev.penstock.rollout.plan.Requirement;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlan.Slices;
import dev.penstock.rollout.plan.RolloutPlan.Step;
import dev.penstock.schemas.RolloutStage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The plans that simulations run with, and a line of figures for each. */
final class SimulatedOutcomes {
    private SimulatedOutcomes() {}

    /** The production plan, with one attribute by which it slices. */
    static RolloutPlan plan(Requirement requirement, double margin) {
        RolloutPlan plan = RolloutPlan.production();
        return new RolloutPlan(
                requirement,
                plan.alpha(),
                margin,
                plan.largestWeight(),
                plan.loss(),
                plan.shadow(),
                plan.steps(),
                plan.maturity(),
                plan.guardrails(),
                new Slices(Set.of("country"), 200, 0.05, true),
                plan.labelHealth(),
                plan.windowRows(),
                plan.windowLabels(),
                plan.silence());
    }

    /** The same with a twentieth of the rows, so that many trials can be run to their end. */
    static RolloutPlan withFewRows(RolloutPlan plan) {
        List<Step> steps = plan.steps().stream()
                .map(step -> new Step(
                        step.share(), step.minimumRows() / 20, step.minimumLabels() / 20, Duration.ofMinutes(1)))
                .toList();
        return new RolloutPlan(
                plan.requirement(),
                plan.alpha(),
                plan.margin(),
                plan.largestWeight(),
                plan.loss(),
                plan.shadow(),
                steps,
                plan.maturity(),
                plan.guardrails(),
                plan.slices(),
                plan.labelHealth(),
                plan.windowRows(),
                plan.windowLabels(),
                plan.silence());
    }

    /** Adds a row to a Markdown table below {@code target}. */
    static void keep(String name, List<SimulatedTraffic> trials) {
        try {
            Path directory = Files.createDirectories(Path.of("target"));
            Files.writeString(
                    directory.resolve("simulated-rollouts.md"),
                    row(name, trials) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep what was simulated", e);
        }
    }

    private static String row(String name, List<SimulatedTraffic> trials) {
        long promoted = count(trials, RolloutStage.CHAMPION);
        long rolledBack = count(trials, RolloutStage.ROLLED_BACK);
        long[] labels = trials.stream()
                .mapToLong(trial -> trial.labelsInShadow)
                .sorted()
                .toArray();
        double share = trials.stream()
                .filter(trial -> trial.requestsUnderTrial > 0)
                .mapToDouble(trial -> (double) trial.answeredByCandidate / trial.requestsUnderTrial)
                .max()
                .orElse(0);
        return "| %s | %d | %d | %d | %d | %,d (%,d to %,d) | %.2f %% |"
                .formatted(
                        name,
                        trials.size(),
                        promoted,
                        rolledBack,
                        trials.size() - promoted - rolledBack,
                        labels[labels.length / 2],
                        labels[0],
                        labels[labels.length - 1],
                        100 * share);
    }

    private static long count(List<SimulatedTraffic> trials, RolloutStage stage) {
        return trials.stream().filter(trial -> trial.stage() == stage).count();
    }
}
