package dev.penstock.rollout.decisions;

import static java.util.Objects.requireNonNull;

import dev.penstock.rollout.decisions.Happening.Announced;
import dev.penstock.rollout.decisions.Happening.Commanded;
import dev.penstock.rollout.decisions.Happening.DriftSeen;
import dev.penstock.rollout.decisions.Happening.Overruled;
import dev.penstock.rollout.decisions.Happening.Refused;
import dev.penstock.rollout.decisions.Happening.Served;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.Shadowed;
import dev.penstock.rollout.decisions.Happening.ShadowedLabelled;
import dev.penstock.rollout.decisions.Happening.Ticked;
import dev.penstock.rollout.decisions.Standings.Standing;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlan.Maturity;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rollout of one model: takes what happened, says what follows. What follows depends on what happened, in its order,
 * and on the times handed in, and on nothing else.
 *
 * <p>A version that is announced enters SHADOW, or waits for the one on trial to be done. It leaves SHADOW when labels
 * show what the plan requires, and each step when that has the rows, labels and time that the plan asks for and no limit
 * is broken; after the last it is the champion. A broken limit ends the trial at once. Too little data holds; much of it
 * that shows no gain in SHADOW ends the trial too.
 *
 * <p>For one thread at a time. Kept as bytes: {@link #toBytes}.
 */
public final class ModelRollout {
    /** Bytes of the first are the same without what was corrected. */
    private static final int FORMAT = 2;
    /** A command that comes again after so many others would be obeyed again. */
    private static final int COMMANDS_REMEMBERED = 1_000;

    private final String model;
    private final RolloutPlan plan;
    private final Duration retention;
    private final Set<String> commands = new LinkedHashSet<>();
    private Standings standings = new Standings();
    private Steps steps = new Steps();
    private LabelLedger labels = new LabelLedger();
    private @Nullable Integer champion;
    private @Nullable Trial trial;
    private boolean planChanged;
    private boolean paused;
    private String drift = "";
    private Instant changedAt = Instant.EPOCH;

    private ModelRollout(String model, RolloutPlan plan, Duration retention) {
        this.model = model;
        this.plan = plan;
        this.retention = retention;
    }

    /**
     * A model of which nothing is known yet.
     *
     * @param retention how long steps are remembered: at least as long as requests are kept
     */
    public static ModelRollout begin(String model, RolloutPlan plan, Duration retention) {
        if (retention.isNegative()) {
            throw new IllegalArgumentException(
                    "Cannot remember steps for %s: use a positive duration".formatted(retention));
        }
        return new ModelRollout(model, plan, retention);
    }

    /**
     * Takes up what was written already, by a job that is gone, or by this one before it was cut off: who serves what
     * holds, since others follow it. A trial whose evidence is here goes on at the step that was written; one whose
     * evidence is lost begins anew.
     *
     * @param written the newest state in the model's topic, not older than this one's
     * @param at now, by the clock of the job
     */
    public Decisions adopt(RolloutState written, Instant at) {
        Instant now = Instant.ofEpochMilli(at.toEpochMilli());
        steps = Steps.of(written.getSteps());
        RolloutStep last = written.getSteps().get(written.getSteps().size() - 1);
        if (champion != null && champion != last.getChampion()) {
            labels.restart();
        }
        champion = last.getChampion();
        standings.adopt(written.getVersions(), steps.all(), champion);
        paused = written.getPaused();
        changedAt = written.getChangedAt();
        Integer candidate = last.getCandidate();
        Ledger ledger = new Ledger(model, now, null);
        if (candidate == null) {
            trial = null;
        } else if (trial != null
                && trial.version() == candidate
                && trial.champion() == champion
                && trial.salt().equals(last.getSalt())) {
            trial.catchUp(last.getShare(), now);
        } else {
            beginTrial(candidate, "its evidence was lost with the job's state, and the trial begins anew", ledger);
            changedAt = now.isAfter(changedAt) ? now : changedAt.plusMillis(1);
        }
        return new Decisions(ledger.isChanged() ? state() : Optional.empty(), ledger.events(), List.of(), List.of());
    }

    /** @param at now, by the clock of the job; where it runs backwards, steps still follow each other */
    public Decisions on(Happening happening, Instant at) {
        // As exact as what is published and kept.
        Instant now = Instant.ofEpochMilli(at.toEpochMilli());
        RolloutCommand command = happening instanceof Commanded commanded ? commanded.command() : null;
        Ledger ledger = new Ledger(model, now, command);
        if (planChanged) {
            planChanged = false;
            restartTrial("the plan asks for other evidence than before", ledger);
        }
        take(happening, ledger);
        if (trial != null) {
            judge(trial, ledger);
        }
        if (ledger.isChanged()) {
            // What is written last must look newest, also where the clock runs backwards.
            changedAt = now.isAfter(changedAt) ? now : changedAt.plusMillis(1);
            steps.trim(now, retention);
            standings.forget(steps.all());
        }
        return new Decisions(
                ledger.isChanged() ? state() : Optional.empty(),
                ledger.events(),
                ledger.evaluations(),
                ledger.alerts());
    }

    private void take(Happening happening, Ledger ledger) {
        if (happening instanceof Announced announced) {
            announce(announced.versions(), ledger);
        } else if (happening instanceof Refused refused) {
            refuse(refused.version(), "it could not be loaded: " + refused.reason(), ledger);
        } else if (happening instanceof Commanded commanded) {
            obey(commanded.command(), ledger);
        } else if (happening instanceof Served served) {
            if (trial != null && trial.served(served.answer())) {
                evaluate(trial, ledger);
            }
        } else if (happening instanceof Shadowed shadowed) {
            if (trial != null && trial.shadowed(shadowed.champion(), shadowed.candidate())) {
                evaluate(trial, ledger);
            }
        } else if (happening instanceof ServedLabelled labelled) {
            takeLabel(labelled.answer(), null, labelled.label(), labelled.attributes(), ledger);
        } else if (happening instanceof ShadowedLabelled labelled) {
            takeLabel(labelled.champion(), labelled.candidate(), labelled.label(), labelled.attributes(), ledger);
        } else if (happening instanceof Overruled overruled) {
            if (Maturity.counts(overruled.before().source())
                    && !overruled.before().truth().equals(overruled.after().truth())) {
                overrule(overruled, ledger);
            }
        } else if (happening instanceof DriftSeen seen) {
            drift = seen.active() ? seen.detail() : "";
        } else if (!(happening instanceof Ticked)) {
            throw new IllegalStateException("Cannot decide on %s".formatted(happening));
        }
    }

    /** Takes a label if it counts: people, outcomes and appeals, of predictions that are old enough. */
    private void takeLabel(
            Answer answer, @Nullable Answer byCandidate, Label label, Map<String, String> attributes, Ledger ledger) {
        if (!Maturity.counts(label.source())
                || label.age().compareTo(plan.maturity().of(label.source())) < 0) {
            return;
        }
        List<String> groups = groups(label, attributes);
        boolean byChampion = champion != null
                && answer.version() == champion
                && answer.variant() != Variant.CANARY
                && answer.variant() != Variant.SHADOW;
        // Silence does not contradict, so that beside it whoever does would look suspicious.
        if (byChampion && answer.label().isPresent() && label.source() != FeedbackSource.SILENCE) {
            boolean contradicts = !answer.label().get().equals(label.truth());
            labels.observe(groups, contradicts, plan).values().forEach(detail -> suspect(detail, ledger));
        }
        if (trial == null) {
            return;
        }
        boolean full = byCandidate == null
                ? trial.servedLabelled(answer, label, groups, ledger.now())
                : trial.shadowLabelled(answer, byCandidate, label, groups, ledger.now());
        Integer onTrial = trial.version();
        trial.flooding().ifPresent(detail -> ledger.alert(onTrial, AlertCode.SUSPICIOUS_LABELS, sentence(detail)));
        if (full) {
            evaluate(trial, ledger);
        }
    }

    private List<String> groups(Label label, Map<String, String> attributes) {
        // A trial also hears of labels that say nothing of the champion's decisions.
        Set<String> known = new HashSet<>(labels.names());
        if (trial != null) {
            known.addAll(trial.names());
        }
        return Groups.of(label, attributes, plan.slices(), known);
    }

    private void overrule(Overruled overruled, Ledger ledger) {
        // That somebody breaks a silence is no sign of labels that change.
        if (overruled.before().source() != FeedbackSource.SILENCE) {
            labels.overrule(plan).ifPresent(detail -> suspect(detail, ledger));
        }
        if (trial == null || !trial.overruled(overruled, groups(overruled.before(), overruled.attributes()))) {
            return;
        }
        String because =
                "%d labels that had counted were changed since, and what let it leave SHADOW does not hold any more"
                        .formatted(trial.changedLabels());
        ledger.alert(
                trial.version(),
                AlertCode.SUSPICIOUS_LABELS,
                "Version %d of model '%s' goes back from a share of %.2f to SHADOW: %s; look at who changed them"
                        .formatted(trial.version(), model, trial.share(), because));
        restartTrial(because, ledger);
    }

    private void suspect(String detail, Ledger ledger) {
        ledger.alert(
                trial == null ? champion : Integer.valueOf(trial.version()),
                AlertCode.SUSPICIOUS_LABELS,
                sentence(detail) + "; nothing is promoted until somebody has looked and resumes");
    }

    private static String sentence(String detail) {
        return detail.substring(0, 1).toUpperCase(Locale.ROOT) + detail.substring(1);
    }

    // What is announced and refused

    private void announce(List<ModelVersion> announced, Ledger ledger) {
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

    private void refuse(int version, String reason, Ledger ledger) {
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

    // What people ask for

    private void obey(RolloutCommand command, Ledger ledger) {
        if (!commands.add(command.getCommandId())) {
            return;
        }
        if (commands.size() > COMMANDS_REMEMBERED) {
            commands.remove(commands.iterator().next());
        }
        switch (command.getAction()) {
            case PROMOTE -> promote(command, ledger);
            case ROLL_BACK -> rollBack(command, ledger);
            case PAUSE -> pause(command, ledger);
            case RESUME -> resume(command, ledger);
            case TRAIN, CANCEL_TRAINING -> {} // The retrain job's.
            case UNKNOWN -> decline(command, "this version of the job does not know the action", ledger);
        }
    }

    private void promote(RolloutCommand command, Ledger ledger) {
        Integer asked =
                command.getVersion() == null && trial != null ? Integer.valueOf(trial.version()) : command.getVersion();
        Optional<Standing> standing = asked == null ? Optional.empty() : standings.of(asked);
        if (asked == null) {
            decline(command, "no version is on trial; name one", ledger);
        } else if (standing.isEmpty()) {
            decline(command, "version %d was never announced, or is forgotten".formatted(asked), ledger);
        } else if (standing.get().stage() == RolloutStage.REFUSED) {
            decline(
                    command,
                    "version %d was refused (%s)"
                            .formatted(asked, standing.get().because()),
                    ledger);
        } else if (champion != null && champion.equals(asked)) {
            decline(command, "version %d serves already".formatted(asked), ledger);
        } else {
            succeed(asked, command.getReason(), ledger);
        }
    }

    private void rollBack(RolloutCommand command, Ledger ledger) {
        Integer asked = command.getVersion();
        if (trial != null && (asked == null || asked == trial.version())) {
            endTrial(RolloutStage.ROLLED_BACK, command.getReason(), ledger);
        } else if (champion != null && (asked == null || asked.equals(champion))) {
            if (standings.successor(champion).isEmpty()) {
                decline(command, "there is no version to go back to from version %d".formatted(champion), ledger);
            } else {
                fallBack(RolloutStage.ROLLED_BACK, command.getReason(), ledger);
            }
        } else if (asked != null && standings.stageOf(asked) == RolloutStage.WAITING) {
            stand(asked, RolloutStage.ROLLED_BACK, command.getReason(), ledger);
        } else {
            decline(
                    command,
                    asked == null ? "no version serves" : "version %d neither serves nor is on trial".formatted(asked),
                    ledger);
        }
    }

    private void pause(RolloutCommand command, Ledger ledger) {
        paused = true;
        ledger.change();
        note("promotions are paused: " + command.getReason(), ledger);
    }

    private void resume(RolloutCommand command, Ledger ledger) {
        paused = false;
        String accepted = labels.suspicious().isEmpty()
                ? ""
                : "; labels that were suspected count as usual: %s"
                        .formatted(labels.suspicious().keySet());
        labels.accept(plan);
        ledger.change();
        note("promotions are resumed: " + command.getReason() + accepted, ledger);
    }

    private void decline(RolloutCommand command, String cause, Ledger ledger) {
        String because = "Cannot %s: %s (asked because: %s)"
                .formatted(
                        command.getAction().toString().toLowerCase(Locale.ROOT).replace('_', ' '),
                        cause,
                        command.getReason());
        Integer asked = command.getVersion();
        int version = asked != null ? asked : champion != null ? champion : 1;
        ledger.happened(version, standings.stageOf(version), shareOf(version), because, null);
    }

    /** Something that moves no version: told of the one on trial, or of the champion. */
    private void note(String because, Ledger ledger) {
        int version = trial != null ? trial.version() : champion != null ? champion : 1;
        ledger.happened(version, standings.stageOf(version), shareOf(version), because, null);
    }

    private double shareOf(int version) {
        if (trial != null && trial.version() == version) {
            return trial.share();
        }
        return champion != null && champion == version ? 1 - (trial == null ? 0 : trial.share()) : 0;
    }

    // What evidence says

    private void judge(Trial judged, Ledger ledger) {
        if (judged.fails()) {
            Evaluation evaluation = judged.evaluation(ledger.now());
            ledger.evaluated(evaluation);
            String because = evaluation.getChecks().stream()
                    .filter(check -> check.getVerdict() == EvidenceVerdict.FAIL)
                    .map(Check::getDetail)
                    .collect(Collectors.joining("; "));
            ledger.alert(
                    judged.version(),
                    AlertCode.VERSION_ROLLED_BACK,
                    "Version %d of model '%s' is rolled back from a share of %.2f: %s"
                            .formatted(judged.version(), model, judged.share(), because));
            endTrial(RolloutStage.ROLLED_BACK, because, ledger);
            return;
        }
        if (judged.isFutile()) {
            ledger.evaluated(judged.evaluation(ledger.now()));
            endTrial(RolloutStage.RETIRED, judged.futility(), ledger);
            return;
        }
        if (judged.misses(ledger.now())) {
            ledger.alert(
                    judged.version(),
                    AlertCode.MISSING_LABELS,
                    "Version %d of model '%s' is on trial and no label has counted for %s: it is held where it is; see to it that feedback comes"
                            .formatted(judged.version(), model, judged.withoutLabels(ledger.now())));
        }
        if (!judged.passes(ledger.now())) {
            return;
        }
        Optional<String> frozen = frozenBecause();
        if (frozen.isEmpty()) {
            advance(judged, ledger);
        } else if (judged.heldBecause(frozen.get())) {
            note("it is held, though its evidence suffices: " + frozen.get(), ledger);
        }
    }

    private Optional<String> frozenBecause() {
        if (paused) {
            return Optional.of("promotions are paused");
        }
        if (!labels.suspicious().isEmpty()) {
            return Optional.of("labels are suspected (%s)"
                    .formatted(String.join("; ", labels.suspicious().values())));
        }
        return drift.isEmpty() ? Optional.empty() : Optional.of("there is drift (%s)".formatted(drift));
    }

    private void advance(Trial passed, Ledger ledger) {
        Evaluation evaluation = passed.evaluation(ledger.now());
        ledger.evaluated(evaluation);
        String because = evaluation.getChecks().stream()
                .filter(check -> check.getVerdict() == EvidenceVerdict.PASS)
                .map(Check::getDetail)
                .collect(Collectors.joining("; "));
        if (!passed.isShadow() && passed.isLastStep()) {
            succeed(passed.version(), because, ledger);
            return;
        }
        passed.nextStep(ledger.now());
        move(passed, RolloutStage.CANARY, because, ledger);
    }

    private void evaluate(Trial judged, Ledger ledger) {
        // One that ends or advances now is evaluated when it does.
        if (judged.verdict(ledger.now()) == EvidenceVerdict.INCONCLUSIVE
                || frozenBecause().isPresent()) {
            ledger.evaluated(judged.evaluation(ledger.now()));
        }
    }

    /** What is known of the version on trial; empty if none is. */
    public Optional<Evaluation> evaluation(Instant now) {
        return trial == null ? Optional.empty() : Optional.of(trial.evaluation(now));
    }

    // What moves

    private void beginTrial(int version, String because, Ledger ledger) {
        trial = new Trial(model, version, requireNonNull(champion), ledger.now(), plan);
        move(trial, RolloutStage.SHADOW, because, ledger);
    }

    private void move(Trial moved, RolloutStage stage, String because, Ledger ledger) {
        Instant holdsFrom =
                steps.add(requireNonNull(champion), moved.version(), moved.share(), moved.salt(), ledger.now());
        stand(moved.version(), stage, because, moved.share(), holdsFrom, ledger);
    }

    private void endTrial(RolloutStage stage, String because, Ledger ledger) {
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
    private void succeed(int version, String because, Ledger ledger) {
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
    private void fallBack(RolloutStage stage, String because, Ledger ledger) {
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
        labels.restart();
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

    private void restartTrial(String because, Ledger ledger) {
        if (trial != null) {
            beginTrial(trial.version(), because + ", and the trial begins anew", ledger);
        }
    }

    private void stand(int version, RolloutStage stage, String because, Ledger ledger) {
        stand(version, stage, because, 0, null, ledger);
    }

    private void stand(
            int version, RolloutStage stage, String because, double share, @Nullable Instant holdsFrom, Ledger ledger) {
        standings.put(version, stage, ledger.now(), Ledger.cut(because));
        ledger.happened(version, stage, share, because, holdsFrom);
        ledger.change();
    }

    // What is known

    /** Empty until a version serves. */
    public Optional<RolloutState> state() {
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

    /** The version that answers by default; empty until one serves. */
    public OptionalInt champion() {
        return champion == null ? OptionalInt.empty() : OptionalInt.of(champion);
    }

    /** The version on trial. */
    public OptionalInt candidate() {
        return trial == null ? OptionalInt.empty() : OptionalInt.of(trial.version());
    }

    /** Everything that {@link #restore} needs beside the plan: some kilobytes while a trial runs. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(model);
            out.writeUTF(plan.terms());
            standings.write(out);
            out.writeInt(commands.size());
            for (String command : commands) {
                out.writeUTF(command);
            }
            steps.write(out);
            labels.write(out);
            out.writeInt(champion == null ? 0 : champion);
            out.writeBoolean(planChanged);
            out.writeBoolean(paused);
            LongText.write(out, drift);
            out.writeLong(changedAt.toEpochMilli());
            out.writeBoolean(trial != null);
            if (trial != null) {
                trial.write(out);
                trial.writeCorrections(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep the rollout of model '%s'".formatted(model), e);
        }
        return bytes.toByteArray();
    }

    /**
     * One that was kept.
     *
     * @param plan may have changed since: where it asks for other evidence, a trial begins anew with the next happening
     */
    public static ModelRollout restore(byte[] bytes, RolloutPlan plan, Duration retention) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format < 1 || format > FORMAT) {
                throw new IllegalArgumentException(
                        "Cannot restore a rollout in format %d: this version reads 1 to %d".formatted(format, FORMAT));
            }
            ModelRollout rollout = new ModelRollout(in.readUTF(), plan, retention);
            String terms = in.readUTF();
            rollout.read(in, format);
            rollout.planChanged |= rollout.trial != null && !terms.equals(plan.terms());
            return rollout;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot restore a rollout: its bytes end too early", e);
        }
    }

    private void read(DataInputStream in, int format) throws IOException {
        standings = Standings.read(in);
        int obeyed = in.readInt();
        for (int index = 0; index < obeyed; index++) {
            commands.add(in.readUTF());
        }
        steps = Steps.read(in);
        labels = LabelLedger.read(in);
        int serving = in.readInt();
        champion = serving == 0 ? null : serving;
        planChanged = in.readBoolean();
        paused = in.readBoolean();
        drift = LongText.read(in);
        changedAt = Instant.ofEpochMilli(in.readLong());
        if (in.readBoolean()) {
            trial = Trial.read(in, model, plan);
            if (format > 1) {
                trial.readCorrections(in);
            }
        }
    }
}
