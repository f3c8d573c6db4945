package dev.penstock.rollout.decisions;

import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What follows from one happening, while it is found out. */
final class Ledger {
    /** A state with many versions must fit into a record, whatever people and programs give as a reason. */
    private static final int LONGEST_REASON = 1_000;

    private final String model;
    private final Instant now;
    private final @Nullable RolloutCommand command;
    private final List<RolloutEvent> events = new ArrayList<>();
    private final List<Evaluation> evaluations = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private boolean changed;

    /** @param command that it answers, if it answers one */
    Ledger(String model, Instant now, @Nullable RolloutCommand command) {
        this.model = model;
        // As exact as what is published and kept.
        this.now = Instant.ofEpochMilli(now.toEpochMilli());
        this.command = command;
    }

    static String cut(String because) {
        return because.length() <= LONGEST_REASON ? because : because.substring(0, LONGEST_REASON - 1) + "…";
    }

    Instant now() {
        return now;
    }

    /** The published state is another from now on. */
    void change() {
        changed = true;
    }

    boolean isChanged() {
        return changed;
    }

    /** @param holdsFrom null where requests are answered as before */
    void happened(int version, RolloutStage stage, double share, String because, @Nullable Instant holdsFrom) {
        events.add(RolloutEvent.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setStage(stage)
                .setShare(share)
                .setHappenedAt(now)
                .setBecause(cut(because))
                .setActor(command == null ? "rollout" : command.getActor())
                .setCommandId(command == null ? null : command.getCommandId())
                .setHoldsFrom(holdsFrom)
                .build());
    }

    void evaluated(Evaluation evaluation) {
        evaluations.add(evaluation);
    }

    void alert(@Nullable Integer version, AlertCode code, String message) {
        alerts.add(Alert.newBuilder()
                .setModel(model)
                .setModelVersion(version)
                .setCode(code)
                .setMessage(message)
                .setRaisedBy("rollout")
                .setRaisedAt(now)
                .build());
    }

    List<RolloutEvent> events() {
        return events;
    }

    List<Evaluation> evaluations() {
        return evaluations;
    }

    List<Alert> alerts() {
        return alerts;
    }
}
