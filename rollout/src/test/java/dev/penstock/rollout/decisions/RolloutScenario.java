package dev.penstock.rollout.decisions;

import dev.penstock.rollout.decisions.Happening.Announced;
import dev.penstock.rollout.decisions.Happening.Commanded;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.Shadowed;
import dev.penstock.rollout.decisions.Happening.ShadowedLabelled;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.VersionStanding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rollout of one model, told what happens step by step, and all that came of it. */
abstract class RolloutScenario {
    static final Duration RETENTION = Duration.ofDays(7);
    static final Map<String, String> NONE = Map.of();

    ModelRollout rollout = ModelRollout.begin("spam", RolloutPlan.demo(), RETENTION);
    Instant now = SimulatedTraffic.BEGIN;
    final List<RolloutEvent> events = new ArrayList<>();
    final List<Evaluation> evaluations = new ArrayList<>();
    final List<Alert> alerts = new ArrayList<>();
    private int commands;

    Decisions on(Happening happening) {
        now = now.plusMillis(10);
        Decisions decisions = rollout.on(happening, now);
        events.addAll(decisions.events());
        evaluations.addAll(decisions.evaluations());
        alerts.addAll(decisions.alerts());
        return decisions;
    }

    static ModelVersion version(int number, String... refusedBecause) {
        return SimulatedTraffic.version(number, refusedBecause);
    }

    void announce(int version) {
        on(new Announced(List.of(version(version))));
    }

    void command(RolloutAction action, Integer version) {
        on(new Commanded(command("command-" + ++commands, action, version)));
    }

    RolloutCommand command(String id, RolloutAction action, Integer version) {
        return RolloutCommand.newBuilder()
                .setCommandId(id)
                .setModel("spam")
                .setAction(action)
                .setVersion(version)
                .setActor("eve")
                .setReason("I say so")
                .setGivenAt(now)
                .build();
    }

    void shadow(int rows, double championErrs, double candidateErrs, String... sources) {
        shadow(rows, championErrs, candidateErrs, 2, sources);
    }

    /** Pairs with labels, evenly spread, until the candidate leaves SHADOW. */
    void shadow(int rows, double championErrs, double candidateErrs, int candidate, String... sources) {
        List<String> names = sources.length == 0 ? List.of("anna", "ben", "carla") : List.of(sources);
        now = now.plusSeconds(3);
        for (int i = 0; i < rows && stages().contains(candidate + " SHADOW"); i++) {
            Answer champion = answer(1, Variant.CHAMPION, i * 37 % 100 >= championErrs * 100);
            Answer shadow = answer(candidate, Variant.SHADOW, (i * 37 + 50) % 100 >= candidateErrs * 100);
            on(new Shadowed(champion, shadow, NONE));
            if (stages().contains(candidate + " SHADOW")) {
                Label label = new Label("spam", FeedbackSource.HUMAN, names.get(i % names.size()), 1, 1, Duration.ZERO);
                on(new ShadowedLabelled(champion, shadow, label, NONE));
            }
        }
    }

    void champion(String attribute, String value, boolean right) {
        on(new ServedLabelled(
                answer(1, Variant.CHAMPION, right),
                new Label("spam", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO),
                Map.of(attribute, value)));
    }

    static Answer answer(int version, Variant variant, boolean right) {
        return new Answer(version, variant, Optional.of(right ? "spam" : "ham"), 0.9, false, false, 1_000);
    }

    long labelsCounted() {
        return rollout.evaluation(now).orElseThrow().getChecks().get(0).getSamples();
    }

    String stages() {
        return String.join(
                ", ",
                rollout.state().map(RolloutState::getVersions).orElse(List.of()).stream()
                        .map(this::standing)
                        .toList());
    }

    private String standing(VersionStanding standing) {
        return standing.getVersion() + " " + standing.getStage();
    }

    List<RolloutStep> steps() {
        return rollout.state().orElseThrow().getSteps();
    }

    RolloutStep lastStep() {
        return steps().get(steps().size() - 1);
    }

    RolloutEvent lastEvent() {
        return events.get(events.size() - 1);
    }
}
