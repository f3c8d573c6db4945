package dev.penstock.retrain.triggers;

import dev.penstock.schemas.TrainingCause;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Something else than labels wants a training.
 *
 * @param reason in a sentence
 * @param commandIds of the persons' commands
 */
public record Wish(TrainingCause cause, String reason, List<String> commandIds) {
    /** Of more commands that wait for one training, the others learn of it from its reports. */
    private static final int MOST_COMMANDS = 100;

    public Wish {
        commandIds = kept(commandIds);
    }

    /** What nobody commanded. */
    Wish(TrainingCause cause, String reason) {
        this(cause, reason, List.of());
    }

    /** Null in a checkpoint from before wishes named commands. */
    private static List<String> kept(@Nullable List<String> commandIds) {
        return commandIds == null ? List.of() : List.copyOf(commandIds);
    }

    /** One training does for both. */
    Wish and(Wish other) {
        return new Wish(
                cause,
                reason,
                Stream.concat(commandIds.stream(), other.commandIds.stream())
                        .distinct()
                        .limit(MOST_COMMANDS)
                        .toList());
    }

    /** A person's goes before drift. */
    boolean goesBefore(Wish other) {
        return cause == TrainingCause.COMMAND && other.cause != TrainingCause.COMMAND;
    }
}
