package dev.penstock.rollout.decisions;

import dev.penstock.rollout.decisions.Standings.Standing;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutStage;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What people ask for: each command is obeyed once, or answered with why it cannot be. */
final class Commands {
    /** A command that comes again after so many others would be obeyed again. */
    private static final int REMEMBERED = 1_000;

    private final Set<String> obeyed;
    private final RolloutPlan plan;
    private final Versions versions;
    private final Freeze freeze;

    /** @param obeyed ids of commands, the latest last */
    Commands(Set<String> obeyed, RolloutPlan plan, Versions versions, Freeze freeze) {
        this.obeyed = obeyed;
        this.plan = plan;
        this.versions = versions;
        this.freeze = freeze;
    }

    void obey(RolloutCommand command, Ledger ledger) {
        if (!obeyed.add(command.getCommandId())) {
            return;
        }
        if (obeyed.size() > REMEMBERED) {
            obeyed.remove(obeyed.iterator().next());
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
        Optional<Integer> asked = asked(command).or(() -> versions.trial().map(Trial::version));
        if (asked.isEmpty()) {
            decline(command, "no version is on trial; name one", ledger);
            return;
        }
        int version = asked.get();
        Optional<Standing> standing = versions.standings().of(version);
        if (standing.isEmpty()) {
            decline(command, "version %d was never announced, or is forgotten".formatted(version), ledger);
        } else if (standing.get().stage() == RolloutStage.REFUSED) {
            decline(
                    command,
                    "version %d was refused (%s)"
                            .formatted(version, standing.get().because()),
                    ledger);
        } else if (versions.champion().equals(asked)) {
            decline(command, "version %d serves already".formatted(version), ledger);
        } else {
            versions.succeed(version, command.getReason(), ledger);
        }
    }

    /** Without a version of the one on trial, or else of the champion. */
    private void rollBack(RolloutCommand command, Ledger ledger) {
        Optional<Integer> asked =
                asked(command).or(() -> versions.trial().map(Trial::version)).or(versions::champion);
        if (asked.isEmpty()) {
            decline(command, "no version serves", ledger);
            return;
        }
        int version = asked.get();
        if (versions.trial().map(Trial::version).equals(asked)) {
            versions.endTrial(RolloutStage.ROLLED_BACK, command.getReason(), ledger);
        } else if (versions.champion().equals(asked)) {
            if (versions.standings().successor(version).isEmpty()) {
                decline(command, "there is no version to go back to from version %d".formatted(version), ledger);
            } else {
                versions.fallBack(RolloutStage.ROLLED_BACK, command.getReason(), ledger);
            }
        } else if (versions.standings().stageOf(version) == RolloutStage.WAITING) {
            versions.stand(version, RolloutStage.ROLLED_BACK, command.getReason(), ledger);
        } else {
            decline(command, "version %d neither serves nor is on trial".formatted(version), ledger);
        }
    }

    private void pause(RolloutCommand command, Ledger ledger) {
        freeze.pause();
        ledger.change();
        versions.note("promotions are paused: " + command.getReason(), ledger);
    }

    private void resume(RolloutCommand command, Ledger ledger) {
        List<String> suspected = freeze.resume(plan);
        String accepted =
                suspected.isEmpty() ? "" : "; labels that were suspected count as usual: %s".formatted(suspected);
        ledger.change();
        versions.note("promotions are resumed: " + command.getReason() + accepted, ledger);
    }

    private void decline(RolloutCommand command, String cause, Ledger ledger) {
        String because = "Cannot %s: %s (asked because: %s)"
                .formatted(
                        command.getAction().toString().toLowerCase(Locale.ROOT).replace('_', ' '),
                        cause,
                        command.getReason());
        versions.tell(asked(command).or(versions::champion).orElse(1), because, ledger);
    }

    private static Optional<Integer> asked(RolloutCommand command) {
        return Optional.ofNullable(command.getVersion());
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(obeyed.size());
        for (String command : obeyed) {
            out.writeUTF(command);
        }
    }

    /** The ids that were written. */
    static Set<String> read(DataInput in) throws IOException {
        Set<String> obeyed = new LinkedHashSet<>();
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            obeyed.add(in.readUTF());
        }
        return obeyed;
    }
}
