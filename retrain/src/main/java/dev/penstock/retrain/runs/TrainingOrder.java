package dev.penstock.retrain.runs;

import dev.penstock.schemas.TrainingCause;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be trained, down to what its result depends on: the same order makes the same version, however often it is
 * begun.
 *
 * @param version to make
 * @param attempt from 1
 * @param parent version to start from
 * @param ranges of {@code labelled-examples}, by partition
 * @param reason in a sentence
 * @param isCancelled whether it is to be ended instead, by whom says the reason
 * @param commandIds of the commands that asked for it, or for its end
 */
public record TrainingOrder(
        String model,
        int version,
        int attempt,
        int parent,
        TrainingCause cause,
        List<Range> ranges,
        long seed,
        String reason,
        boolean isCancelled,
        List<String> commandIds) {
    public TrainingOrder {
        ranges = List.copyOf(ranges);
        commandIds = kept(commandIds);
    }

    /** Null in a checkpoint from before orders named commands. */
    private static List<String> kept(@Nullable List<String> commandIds) {
        return commandIds == null ? List.of() : List.copyOf(commandIds);
    }

    /** Of the run: the same for the same model, version and attempt. */
    public String runId() {
        return model + "/" + version + "/" + attempt;
    }

    /** @param newVersion another one if its number was taken meanwhile */
    public TrainingOrder again(int newVersion) {
        return new TrainingOrder(
                model, newVersion, attempt + 1, parent, cause, ranges, seed, reason, false, commandIds);
    }

    /** The same, which further commands asked for. */
    public TrainingOrder askedForBy(List<String> further) {
        return new TrainingOrder(
                model, version, attempt, parent, cause, ranges, seed, reason, isCancelled, with(further));
    }

    /** @param by the commands that end it */
    public TrainingOrder cancelled(String why, List<String> by) {
        return new TrainingOrder(model, version, attempt, parent, cause, ranges, seed, why, true, with(by));
    }

    private List<String> with(List<String> further) {
        return Stream.concat(commandIds.stream(), further.stream()).distinct().toList();
    }
}
