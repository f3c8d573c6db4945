package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of a command.
 *
 * @param json the same for programs
 * @param text in a line, for a person
 * @param declined whether nothing came of it
 */
record Answer(Map<String, Object> json, String text, boolean declined) {
    /** How every refusal of the platform begins. */
    private static final String REFUSAL = "Cannot ";

    Answer {
        // Some values are null, which Map.copyOf refuses.
        json = Collections.unmodifiableMap(new LinkedHashMap<>(json));
    }

    static Answer of(RolloutEvent event) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", event.getVersion());
        json.put("stage", Words.of(event.getStage()));
        json.put("share", event.getShare());
        json.put("happenedAt", event.getHappenedAt().toString());
        json.put(
                "holdsFrom",
                event.getHoldsFrom() == null ? null : event.getHoldsFrom().toString());
        json.put("because", event.getBecause());
        return new Answer(
                json,
                "%s version %d: %s, %s of entities, since %s: %s"
                        .formatted(
                                event.getModel(),
                                event.getVersion(),
                                Words.of(event.getStage()),
                                Words.share(event.getShare()),
                                Words.time(event.getHappenedAt()),
                                event.getBecause()),
                event.getBecause().startsWith(REFUSAL));
    }

    static Answer of(TrainingRun run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("runId", run.getRunId());
        json.put("phase", Words.of(run.getPhase()));
        json.put("version", run.getVersion());
        json.put("parent", run.getParent());
        json.put("reportedAt", run.getReportedAt().toString());
        json.put("message", run.getMessage());
        json.put("commandIds", run.getCommandIds());
        return new Answer(
                json,
                "%s training %s: %s, %s"
                        .formatted(
                                run.getModel(),
                                run.getRunId(),
                                Words.of(run.getPhase()),
                                run.getMessage().isEmpty() ? Words.time(run.getReportedAt()) : run.getMessage()),
                run.getPhase() == TrainingPhase.FAILED || run.getMessage().startsWith(REFUSAL));
    }
}
