package dev.penstock.rollout.decisions;

import static java.util.Objects.requireNonNull;

import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which version of a model serves, which is on trial and where the others stand, and every way from one stage to another
 * with what that means for the others. What is published follows from it.
 */
final class Versions {
    private final String model;
    private final RolloutPlan plan;
    private final Standings standings;
    private final Steps steps;
    private @Nullable Integer champion;
    private @Nullable Trial trial;
    private Instant changedAt = Instant.EPOCH;

    Versions(String model, RolloutPlan plan, Standings standings, Steps steps) {
        this.model = model;
        this.plan = plan;
        this.standings = standings;
        this.steps = steps;
    }

    // What is so

    String model() {
        return model;
    }

    Standings standings() {
        return standings;
    }

    Steps steps() {
        return steps;
    }

    Instant changedAt() {
        return changedAt;
    }

    Optional<Integer> champion() {
        return Optional.ofNullable(champion);
    }

    Optional<Trial> trial() {
        return Optional.ofNullable(trial);
    }

    /** Of entities that it answers for. */
    private double shareOf(int version) {
        if (trial != null && trial.version() == version) {
            return trial.share();
        }
        return champion != null && champion == version ? 1 - (trial == null ? 0 : trial.share()) : 0;
    }

    // What is announced and refused

    /** Where none is known yet, the highest that may serve becomes the champion; what is known already changes nothing. */
    void announce(List<ModelVersion> announced, Ledger ledger) {
        List<ModelVersion> versions = announced.stream()
                .sorted(Comparator.comparingInt(ModelVersion::getVersion))
                .toList();
        for (ModelVersion version : versions) {
            if (!version.getRefusedBecause().isEmpty() && !mayBeForgotten(version.getVersion())) {
                refuse(version.getVersion(), String.join("; ", version.getRefusedBecause()), ledger);
            }
        }
        List<Integer> fresh = versions.stream()
                .filter(version -> version.getRefusedBecause().isEmpty())
                .map(ModelVersion::getVersion)
                .filter(version -> !standings.knows(version) && !mayBeForgotten(version))
                .distinct()
                .toList();
        if (champion == null && !fresh.isEmpty()) {
            int first = fresh.get(fresh.size() - 1);
            crown(first, "it is the first version that may serve", ledger);
            fresh.stream()
                    .filter(version -> version != first)
                    .forEach(version ->
                            stand(version, RolloutStage.RETIRED, "version %d is newer".formatted(first), ledger));
            return;
        }
        fresh.forEach(version -> enter(version, ledger));
    }

    private void enter(int version, Ledger ledger) {
        if (champion != null && version < champion) {
            stand(version, RolloutStage.RETIRED, "version %d serves and is newer".formatted(champion), ledger);
            return;
        }
        if (trial == null) {
            beginTrial(version, "it was announced", ledger);
            return;
        }
        Optional<Integer> waits = standings.waiting();
        if (waits.isPresent() && waits.get() > version) {
            stand(version, RolloutStage.RETIRED, "version %d waits and is newer".formatted(waits.get()), ledger);
            return;
        }
        waits.ifPresent(older -> stand(
                older, RolloutStage.RETIRED, "version %d was announced while it waited".formatted(version), ledger));
        stand(version, RolloutStage.WAITING, "version %d is on trial".formatted(trial.version()), ledger);
    }

    void refuse(int version, String reason, Ledger ledger) {
        if (standings.stageOf(version) == RolloutStage.REFUSED) {
            return;
        }
        if (trial != null && trial.version() == version) {
            endTrial(RolloutStage.REFUSED, reason, ledger);
        } else if (champion != null && champion == version) {
            fallBack(RolloutStage.REFUSED, reason, ledger);
        } else {
            stand(version, RolloutStage.REFUSED, reason, ledger);
        }
    }

    /** Without a champion nothing was ever forgotten. */
    private boolean mayBeForgotten(int version) {
        return champion != null && standings.mayBeForgotten(version);
    }

    // What moves

    private void beginTrial(int version, String because, Ledger ledger) {
        trial = new Trial(model, version, requireNonNull(champion), ledger.now(), plan);
        move(trial, because, ledger);
    }

    /** The trial has passed its step: on to the next, or after the last one to champion. */
    void advance(String because, Ledger ledger) {
        Trial passed = requireNonNull(trial);
        if (passed.isLastStep()) {
            succeed(passed.version(), because, ledger);
            return;
        }
        passed.nextStep(ledger.now());
        move(passed, because, ledger);
    }

    private void move(Trial moved, String because, Ledger ledger) {
        Instant holdsFrom =
                steps.add(requireNonNull(champion), moved.version(), moved.share(), moved.salt(), ledger.now());
        stand(moved.version(), moved.stage(), because, moved.share(), holdsFrom, ledger);
    }

    void endTrial(RolloutStage stage, String because, Ledger ledger) {
        int ended = requireNonNull(trial).version();
        trial = null;
        Instant holdsFrom = steps.add(requireNonNull(champion), null, 0, "", ledger.now());
        stand(ended, stage, because, 0, holdsFrom, ledger);
        beginNext("version %d is no longer on trial".formatted(ended), ledger);
    }

    private void beginNext(String because, Ledger ledger) {
        standings.waiting().ifPresent(next -> beginTrial(next, because, ledger));
    }

    /** The version answers from now on, and what comes from trials of others is told. */
    void succeed(int version, String because, Ledger ledger) {
        Integer former = champion;
        if (former != null) {
            standings.doesNotServe(version);
            standings.served(former);
        }
        crown(version, because, ledger);
        if (former != null) {
            stand(former, RolloutStage.RETIRED, "version %d is the champion".formatted(version), ledger);
        }
    }

    /** Back to the champion before this one or, where there was none, to the best of the others. */
    void fallBack(RolloutStage stage, String because, Ledger ledger) {
        int fallen = requireNonNull(champion);
        Optional<Integer> next = standings.successor(fallen);
        if (next.isEmpty()) {
            ledger.alert(
                    fallen,
                    AlertCode.VERSION_REFUSED,
                    "Version %d of model '%s' should not serve, and no other can: %s; publish one"
                            .formatted(fallen, model, Ledger.cut(because)));
            return;
        }
        standings.doesNotServe(next.get());
        crown(next.get(), "version %d does not serve any more: %s".formatted(fallen, because), ledger);
        stand(fallen, stage, because, ledger);
    }

    /** Makes a version the champion; a trial of another begins anew, since what it was compared with is gone. */
    private void crown(int version, String because, Ledger ledger) {
        champion = version;
        Trial interrupted = trial;
        trial = null;
        Instant holdsFrom = steps.add(version, null, 0, "", ledger.now());
        stand(version, RolloutStage.CHAMPION, because, 1, holdsFrom, ledger);
        if (interrupted != null && interrupted.version() != version) {
            if (interrupted.version() > version) {
                beginTrial(
                        interrupted.version(),
                        "version %d is the champion, and the trial begins anew".formatted(version),
                        ledger);
            } else {
                stand(
                        interrupted.version(),
                        RolloutStage.RETIRED,
                        "version %d is the champion".formatted(version),
                        ledger);
            }
        }
        Optional<Integer> waits = standings.waiting();
        if (waits.isPresent() && waits.get() < version) {
            stand(waits.get(), RolloutStage.RETIRED, "version %d is the champion".formatted(version), ledger);
        } else if (trial == null) {
            beginNext("version %d is the champion".formatted(version), ledger);
        }
    }

    void restartTrial(String because, Ledger ledger) {
        if (trial != null) {
            beginTrial(trial.version(), because + ", and the trial begins anew", ledger);
        }
    }

    void stand(int version, RolloutStage stage, String because, Ledger ledger) {
        stand(version, stage, because, 0, null, ledger);
    }

    private void stand(
            int version, RolloutStage stage, String because, double share, @Nullable Instant holdsFrom, Ledger ledger) {
        standings.put(version, stage, ledger.now(), Ledger.cut(because));
        ledger.happened(version, stage, share, because, holdsFrom);
        ledger.change();
    }

    /** Something that moves no version: told of the one on trial, or of the champion. */
    void note(String because, Ledger ledger) {
        tell(trial != null ? trial.version() : champion != null ? champion : 1, because, ledger);
    }

    /** Something that does not move the version. */
    void tell(int version, String because, Ledger ledger) {
        ledger.happened(version, standings.stageOf(version), shareOf(version), because, null);
    }

    // What is published and kept

    /** Empty until a version serves. */
    Optional<RolloutState> state(boolean paused) {
        if (steps.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(RolloutState.newBuilder()
                .setModel(model)
                .setSteps(steps.all())
                .setVersions(standings.published())
                .setPaused(paused)
                .setChangedAt(changedAt)
                .build());
    }

    /** Goes on as it was kept. */
    void resume(@Nullable Integer serving, Instant lastChange, @Nullable Trial running) {
        champion = serving;
        changedAt = lastChange;
        trial = running;
    }

    /** Takes up what was written; a trial goes on if it is the same. */
    void adopt(RolloutState written, Ledger ledger) {
        List<RolloutStep> follow = written.getSteps();
        RolloutStep last = follow.get(follow.size() - 1);
        steps.adopt(follow);
        champion = last.getChampion();
        standings.adopt(written.getVersions(), follow, champion);
        changedAt = written.getChangedAt();
        Integer candidate = last.getCandidate();
        if (candidate == null) {
            trial = null;
        } else if (trial != null && trial.champion() == champion && trial.salt().equals(last.getSalt())) {
            trial.catchUp(last.getShare(), ledger.now());
        } else {
            beginTrial(candidate, "its evidence was lost with the job's state, and the trial begins anew", ledger);
            changedAt(ledger.now());
        }
    }

    /** Something has changed that is published: forgets what nobody needs any more. */
    void changed(Instant now, Duration retention) {
        changedAt(now);
        steps.trim(now, retention);
        standings.forget(steps.all());
    }

    /** What is written last must look newest, also where the clock runs backwards. */
    private void changedAt(Instant now) {
        changedAt = now.isAfter(changedAt) ? now : changedAt.plusMillis(1);
    }
}
