package dev.penstock.flink.configuration;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.time.Duration;

/**
 * That no news is news: a request which was let through, and of which nobody has said anything for long enough, counts as
 * having a label. For where only one of two labels is ever reported, such as frauds.
 *
 * @param label that such a request has; one of the model's
 * @param after how long nobody may have said anything; from where it counts is for the job to say
 * @param certainty how sure that is, above 0 and at most 1
 */
public record Silence(
        String label, Duration after, @Default("1") double certainty) implements Serializable {
    public Silence {
        new Checks()
                .require(!label.isBlank(), "label", "it is empty; use one of the model's")
                .require(
                        after.toMillis() >= 1,
                        "after",
                        "%s is not positive; use a duration such as P7D".formatted(after))
                .require(
                        certainty > 0 && certainty <= 1,
                        "certainty",
                        "%s is not above 0 and at most 1".formatted(certainty))
                .refuse("silence");
    }

    /** @param began milliseconds since 1970-01-01T00:00Z, whatever was written */
    public long countsFrom(long began) {
        long at = began + after.toMillis();
        return at < began ? Long.MAX_VALUE : at;
    }
}
