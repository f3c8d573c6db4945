package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.configuration.NamedByKey;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Features of records that look back: what happened before under the same key. They are added to the request's own
 * features under their names.
 *
 * @param name lower-case letters, digits and hyphens, at most 100; saved state goes by it
 * @param key what events must share
 * @param lateness how far behind the newest event of its key one may come and still see what an event in time would
 *     have seen
 * @param features by name, one or more
 */
public record Rolling(
        @NamedByKey String name,
        RequestField key,
        @Default("PT1H") Duration lateness,
        Map<String, Aggregate> features) implements Serializable {
    private static final int LONGEST_NAME = 100;
    /** A window's 24ths are kept until nothing can see them: with more, one key's history would be hundreds of kilobytes. */
    private static final int LARGEST_REACH = 80;

    public Rolling {
        features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
        Checks checks = new Checks()
                .require(
                        Pipeline.isName(name),
                        "name",
                        "'%s' is not a name; use lower-case letters, digits and hyphens between them, at most 100"
                                .formatted(name))
                .require(
                        !lateness.isNegative() && lateness.compareTo(Windows.LONGEST) <= 0,
                        "lateness",
                        "%s is not between PT0S and %s".formatted(lateness, Windows.LONGEST))
                .require(!features.isEmpty(), "features", "there are none; name one or more");
        for (String feature : features.keySet()) {
            checks.require(
                    !feature.isBlank() && feature.length() <= LONGEST_NAME,
                    "features." + feature,
                    "a feature's name has 1 to %d characters".formatted(LONGEST_NAME));
        }
        features.forEach((feature, aggregate) -> {
            if (aggregate instanceof Aggregate.Windowed windowed) {
                Duration reach = windowed.delay().plus(lateness);
                checks.require(
                        reach.compareTo(windowed.window().multipliedBy(LARGEST_REACH)) <= 0,
                        "features." + feature,
                        "delay and lateness reach back %s, more than %d windows of %s; use a longer window"
                                .formatted(reach, LARGEST_REACH, windowed.window()));
            }
        });
        checks.refuse("rolling features '%s'".formatted(name));
    }

    /** Fields by which events are told apart: the key, and those whose values are counted. */
    public Set<RequestField> fields() {
        Set<RequestField> fields = new LinkedHashSet<>(Set.of(key));
        features.values().forEach(aggregate -> aggregate.field().ifPresent(fields::add));
        return fields;
    }

    /** Whether feedback decides on one of them. */
    public boolean readsFeedback() {
        return features.values().stream().anyMatch(Aggregate.LabelShare.class::isInstance);
    }
}
