package dev.penstock.rollout.decisions;

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
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.RolloutState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

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

    private final RolloutPlan plan;
    private final Duration retention;
    private final Versions versions;
    private final Freeze freeze;
    private final Commands commands;
    private final Labels labels;
    private final Judge judge;
    private boolean planChanged;

    private ModelRollout(RolloutPlan plan, Duration retention, Versions versions, Freeze freeze, Set<String> obeyed) {
        this.plan = plan;
        this.retention = retention;
        this.versions = versions;
        this.freeze = freeze;
        commands = new Commands(obeyed, plan, versions, freeze);
        labels = new Labels(plan, versions, freeze);
        judge = new Judge(versions, freeze);
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
        return new ModelRollout(
                plan,
                retention,
                new Versions(model, plan, new Standings(), new Steps()),
                new Freeze(new LabelLedger(), false, ""),
                new LinkedHashSet<>());
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
        Optional<Integer> before = versions.champion();
        Ledger ledger = new Ledger(versions.model(), at, null);
        versions.adopt(written, ledger);
        freeze.adopt(written);
        return decisions(before, ledger);
    }

    /** @param at now, by the clock of the job; where it runs backwards, steps still follow each other */
    public Decisions on(Happening happening, Instant at) {
        Optional<Integer> before = versions.champion();
        Ledger ledger = new Ledger(versions.model(), at, happening instanceof Commanded asked ? asked.command() : null);
        if (planChanged) {
            planChanged = false;
            versions.restartTrial("the plan asks for other evidence than before", ledger);
        }
        boolean isWindowFull = take(happening, ledger);
        judge.judge(ledger);
        if (isWindowFull) {
            judge.evaluate(ledger);
        }
        if (ledger.isChanged()) {
            versions.changed(ledger.now(), retention);
        }
        return decisions(before, ledger);
    }

    private Decisions decisions(Optional<Integer> championBefore, Ledger ledger) {
        if (!championBefore.equals(versions.champion())) {
            // Another version is contradicted from now on.
            freeze.labels().restart();
        }
        return new Decisions(
                ledger.isChanged() ? state() : Optional.empty(),
                ledger.events(),
                ledger.evaluations(),
                ledger.alerts());
    }

    /** @return whether a window of the trial is full */
    private boolean take(Happening happening, Ledger ledger) {
        Optional<Trial> trial = versions.trial();
        if (happening instanceof Served served) {
            return trial.isPresent() && trial.get().served(served.answer());
        } else if (happening instanceof Shadowed shadowed) {
            return trial.isPresent() && trial.get().shadowed(shadowed.champion(), shadowed.candidate());
        } else if (happening instanceof ServedLabelled labelled) {
            return labels.served(labelled, ledger);
        } else if (happening instanceof ShadowedLabelled labelled) {
            return labels.shadowed(labelled, ledger);
        } else if (happening instanceof Overruled overruled) {
            labels.overruled(overruled, ledger);
        } else if (happening instanceof Announced announced) {
            versions.announce(announced.versions(), ledger);
        } else if (happening instanceof Refused refused) {
            versions.refuse(refused.version(), "it could not be loaded: " + refused.reason(), ledger);
        } else if (happening instanceof Commanded commanded) {
            commands.obey(commanded.command(), ledger);
        } else if (happening instanceof DriftSeen seen) {
            freeze.drift(seen);
        } else if (!(happening instanceof Ticked)) {
            throw new IllegalStateException("Cannot decide on %s".formatted(happening));
        }
        return false;
    }

    // What is known

    /** Empty until a version serves. */
    public Optional<RolloutState> state() {
        return versions.state(freeze.isPaused());
    }

    /** What is known of the version on trial; empty if none is. */
    public Optional<Evaluation> evaluation(Instant now) {
        return versions.trial().map(trial -> trial.evaluation(now));
    }

    /** The version that answers by default; empty until one serves. */
    public OptionalInt champion() {
        return versions.champion().stream().mapToInt(Integer::intValue).findAny();
    }

    /** The version on trial. */
    public OptionalInt candidate() {
        return versions.trial().stream().mapToInt(Trial::version).findAny();
    }

    // How it is kept

    /** Everything that {@link #restore} needs beside the plan: some kilobytes while a trial runs. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(versions.model());
            out.writeUTF(plan.terms());
            versions.standings().write(out);
            commands.write(out);
            versions.steps().write(out);
            freeze.labels().write(out);
            out.writeInt(versions.champion().orElse(0));
            out.writeBoolean(planChanged);
            out.writeBoolean(freeze.isPaused());
            LongText.write(out, freeze.drift());
            out.writeLong(versions.changedAt().toEpochMilli());
            out.writeBoolean(versions.trial().isPresent());
            if (versions.trial().isPresent()) {
                versions.trial().get().write(out);
                versions.trial().get().writeCorrections(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep the rollout of model '%s'".formatted(versions.model()), e);
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
            String model = in.readUTF();
            String terms = in.readUTF();
            Standings standings = Standings.read(in);
            Set<String> obeyed = Commands.read(in);
            Versions versions = new Versions(model, plan, standings, Steps.read(in));
            LabelLedger labels = LabelLedger.read(in);
            int champion = in.readInt();
            boolean planChanged = in.readBoolean();
            Freeze freeze = new Freeze(labels, in.readBoolean(), LongText.read(in));
            Instant changedAt = Instant.ofEpochMilli(in.readLong());
            Trial trial = in.readBoolean() ? Trial.read(in, model, plan) : null;
            if (trial != null && format > 1) {
                trial.readCorrections(in);
            }
            versions.resume(champion == 0 ? null : champion, changedAt, trial);
            ModelRollout rollout = new ModelRollout(plan, retention, versions, freeze, obeyed);
            rollout.planChanged = planChanged || (trial != null && !terms.equals(plan.terms()));
            return rollout;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot restore a rollout: its bytes end too early", e);
        }
    }
}
