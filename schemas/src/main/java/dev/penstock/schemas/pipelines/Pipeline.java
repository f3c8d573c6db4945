package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.Modality;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.configuration.NamedByKey;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
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
 */
public record Pipeline(
        @NamedByKey String name,
        Modality modality,
        String model,
        Optional<Source> source,
        @Default Duplicates duplicates,
        @Default Limits limits,
        @Default("PT5M") Duration clockSkew) {
    /** Beyond it nothing is checked any more: a mistaken unit of time is a factor of a thousand. */
    private static final Duration LARGEST_SKEW = Duration.ofDays(365);

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?");
    private static final String NAME_RULE =
            "'%s' is not a name; use lower-case letters, digits and hyphens between them, at most 100";

    public Pipeline {
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
        checks.refuse("pipeline '%s'".formatted(name));
    }

    /** Whether pipelines and models may be called so: lower-case letters, digits and hyphens between them, at most 100. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
