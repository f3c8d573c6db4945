package dev.penstock.cli.models;

import dev.penstock.cli.rollouts.Words;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.TrainingRun;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One thing that happened to a model.
 *
 * @param version that it happened to, if it is about one
 * @param what such as {@code published}, {@code canary} or {@code training-started}
 * @param share of entities that the version answers for since; empty where that did not change
 * @param who decided or said so
 * @param because why, in a sentence
 * @param reference of the training run or the command that it belongs to; empty if there is none
 */
record Happening(
        Instant at,
        Optional<Integer> version,
        String what,
        OptionalDouble share,
        String who,
        String because,
        Optional<String> reference) {

    static Happening of(ModelVersion version) {
        boolean refused = !version.getRefusedBecause().isEmpty();
        String origin = version.getParent() == null
                ? "made elsewhere"
                : "trained from version %d".formatted(version.getParent());
        return new Happening(
                version.getPublishedAt(),
                Optional.of(version.getVersion()),
                refused ? "published-refused" : "published",
                OptionalDouble.empty(),
                version.getPublishedBy(),
                refused
                        ? "%s; must not serve: %s".formatted(origin, String.join("; ", version.getRefusedBecause()))
                        : "%s, digest %s".formatted(origin, VersionView.digest(version)),
                Optional.empty());
    }

    static Happening of(RolloutEvent event) {
        return new Happening(
                event.getHappenedAt(),
                Optional.of(event.getVersion()),
                Words.of(event.getStage()),
                OptionalDouble.of(event.getShare()),
                event.getActor(),
                event.getBecause(),
                Optional.ofNullable(event.getCommandId()));
    }

    static Happening of(TrainingRun run) {
        return new Happening(
                run.getReportedAt(),
                Optional.ofNullable(run.getVersion()),
                "training-" + Words.of(run.getPhase()),
                OptionalDouble.empty(),
                "retrain",
                "because of %s%s"
                        .formatted(Words.of(run.getCause()), run.getMessage().isEmpty() ? "" : ": " + run.getMessage()),
                Optional.of(run.getRunId()));
    }

    static Happening of(Alert alert) {
        return new Happening(
                alert.getRaisedAt(),
                Optional.ofNullable(alert.getModelVersion()),
                "alert-" + Words.of(alert.getCode()),
                OptionalDouble.empty(),
                alert.getRaisedBy(),
                alert.getMessage(),
                Optional.empty());
    }

    /** Whether somebody else said the same: each of several tasks raises its own alert. */
    boolean repeats(Happening other) {
        return version.equals(other.version)
                && what.equals(other.what)
                && who.equals(other.who)
                && because.equals(other.because);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", at.toString());
        json.put("version", version.orElse(null));
        json.put("what", what);
        json.put("share", share.isPresent() ? share.getAsDouble() : null);
        json.put("by", who);
        json.put("because", because);
        json.put("reference", reference.orElse(null));
        return json;
    }
}
