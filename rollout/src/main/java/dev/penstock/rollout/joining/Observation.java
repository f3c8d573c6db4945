package dev.penstock.rollout.joining;

import dev.penstock.rollout.decisions.Happening;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became known of one request, as it travels to its model's rollout.
 *
 * @param served what its sender was told
 * @param shadow what the version on trial would have said; null if it was not asked
 * @param label what the request was; null if that is not known yet
 * @param before what it was thought to be when that was handed in; null if nothing was
 * @param beforeAt when that was handed in first, in milliseconds since 1970-01-01T00:00Z; 0 if nothing was
 * @param ageMillis of the answer when this was known
 */
public record Observation(
        GivenAnswer served,
        @Nullable GivenAnswer shadow,
        @Nullable GivenLabel label,
        @Nullable GivenLabel before,
        long beforeAt,
        long ageMillis) {

    public String model() {
        return served.model();
    }

    public Happening happening() {
        if (label == null) {
            return shadow == null
                    ? new Happening.Served(served.answer(), served.attributes())
                    : new Happening.Shadowed(served.answer(), shadow.answer(), served.attributes());
        }
        if (before != null) {
            return new Happening.Overruled(
                    served.answer(),
                    Optional.ofNullable(shadow).map(GivenAnswer::answer),
                    before.label(served, ageMillis),
                    label.label(served, ageMillis),
                    Instant.ofEpochMilli(beforeAt),
                    served.attributes());
        }
        return shadow == null
                ? new Happening.ServedLabelled(served.answer(), label.label(served, ageMillis), served.attributes())
                : new Happening.ShadowedLabelled(
                        served.answer(), shadow.answer(), label.label(served, ageMillis), served.attributes());
    }
}
