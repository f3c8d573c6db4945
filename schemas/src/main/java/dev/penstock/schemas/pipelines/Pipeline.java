package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.Modality;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.configuration.NamedByKey;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One kind of event and the model that is asked about it.
 *
 * @param name lower-case letters, digits and hyphens, at most 100
 * @param modality what its events carry
 * @param model name of the model to ask: lower-case letters, digits and hyphens, at most 100
 * @param source where ingest takes events from; empty where producers write requests themselves
 * @param duplicates which events count as seen before
 * @param limits of its events
 * @param clockSkew how far in the future an event's time may be, because clocks differ; up to a year
 * @param rolling features that look back, for records only; each group by its name, in the order of the file
 */
public record Pipeline(
        @NamedByKey String name,
        Modality modality,
        String model,
        Optional<Source> source,
        @Default Duplicates duplicates,
        @Default Limits limits,
        @Default("PT5M") Duration clockSkew,
        Map<String, Rolling> rolling) {
    /** Beyond it nothing is checked any more: a mistaken unit of time is a factor of a thousand. */
    private static final Duration LARGEST_SKEW = Duration.ofDays(365);

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?");
    private static final String NAME_RULE =
            "'%s' is not a name; use lower-case letters, digits and hyphens between them, at most 100";

    public Pipeline {
        rolling = Collections.unmodifiableMap(new LinkedHashMap<>(rolling));
        Checks checks = new Checks()
                .require(isName(name), "name", NAME_RULE.formatted(name))
                .require(isName(model), "model", NAME_RULE.formatted(model))
                .require(
                        !clockSkew.isNegative() && clockSkew.compareTo(LARGEST_SKEW) <= 0,
                        "clock-skew",
                        "%s is not between PT0S and %s".formatted(clockSkew, LARGEST_SKEW));
        if (modality == Modality.UNKNOWN) {
            checks.require(false, "modality", "this version of Penstock does not know it");
        } else {
            Topic requests = Topic.requestsOf(modality);
            limits.payloadBytes()
                    .ifPresent(limit -> checks.require(
                            limit.bytes() <= requests.largestRecordBytes(),
                            "limits.payload-bytes",
                            "%s is more than the %s that topic '%s' takes"
                                    .formatted(
                                            limit, new ByteSize(requests.largestRecordBytes()), requests.topicName())));
            if (source.isPresent()) {
                Payload payload = source.get().payload();
                checks.require(
                        payload.modality() == modality,
                        "source.payload",
                        "the pipeline's modality is %s, but this payload is for %s"
                                .formatted(
                                        modality.name().toLowerCase(Locale.ROOT),
                                        payload.modality().name().toLowerCase(Locale.ROOT)));
            }
        }
        requireRollingFits(modality, source.map(Source::payload), rolling, checks);
        checks.refuse("pipeline '%s'".formatted(name));
    }

    private static void requireRollingFits(
            Modality modality, Optional<Payload> payload, Map<String, Rolling> rolling, Checks checks) {
        checks.require(
                rolling.isEmpty() || modality == Modality.RECORD,
                "rolling",
                "only records have rolling features; remove them, or set the modality to record");
        checks.require(
                rolling.isEmpty() || !(payload.orElse(null) instanceof Payload.Vector),
                "rolling",
                "nothing can be added to a vector; let the payload be features");
        Map<String, String> named = new HashMap<>();
        rolling.forEach((group, features) -> {
            for (String feature : features.features().keySet()) {
                String other = named.putIfAbsent(feature, group);
                checks.require(
                        other == null,
                        "rolling." + group + ".features." + feature,
                        "the name is taken by a feature of '%s'".formatted(other));
            }
            if (payload.orElse(null) instanceof Payload.Features known) {
                requireKnown(known, group, features, checks);
            }
        });
    }

    private static void requireKnown(Payload.Features known, String group, Rolling rolling, Checks checks) {
        String place = "rolling." + group;
        requireKnown(known, rolling.key(), place + ".key", checks);
        rolling.features().forEach((feature, aggregate) -> {
            String at = place + ".features." + feature;
            checks.require(
                    !known.numbers().containsKey(feature) && !known.categories().containsKey(feature),
                    at,
                    "the name is taken by a feature of the payload");
            aggregate
                    .number()
                    .ifPresent(number -> checks.require(
                            known.numbers().containsKey(number),
                            at,
                            unknown("number", number, known.numbers().keySet())));
            aggregate.field().ifPresent(field -> requireKnown(known, field, at, checks));
        });
    }

    private static void requireKnown(Payload.Features known, RequestField field, String place, Checks checks) {
        if (field.kind() == RequestField.Kind.NUMBER) {
            Set<String> numbers = known.numbers().keySet();
            checks.require(numbers.contains(field.name()), place, unknown("number", field.name(), numbers));
        } else if (field.kind() == RequestField.Kind.CATEGORY) {
            Set<String> categories = known.categories().keySet();
            checks.require(categories.contains(field.name()), place, unknown("category", field.name(), categories));
        }
    }

    private static String unknown(String kind, String name, Set<String> known) {
        return "the payload has no %s '%s'; known are %s".formatted(kind, name, known);
    }

    /** Whether pipelines and models may be called so: lower-case letters, digits and hyphens between them, at most 100. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
