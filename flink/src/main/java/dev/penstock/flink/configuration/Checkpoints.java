package dev.penstock.flink.configuration;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.net.URI;
import java.time.Duration;

/**
 * What a job goes on from.
 *
 * @param directory of this job alone, on a file system that every part of it can reach: its checkpoints, and its
 *     savepoints where nobody says otherwise. The job goes on from the newest of them
 */
public record Checkpoints(URI directory, @Default("PT10S") Duration interval) {
    private static final String SAVEPOINTS = "savepoints";

    public Checkpoints {
        new Checks()
                .require(
                        interval.toMillis() >= 1,
                        "interval",
                        "%s is not positive; use a duration such as PT10S".formatted(interval))
                .refuse("checkpoints");
    }

    /** Where Flink leaves a savepoint for which no place is named. */
    public String savepoints() {
        String parent = directory.toString();
        return parent.endsWith("/") ? parent + SAVEPOINTS : parent + "/" + SAVEPOINTS;
    }
}
