package dev.penstock.ingest.mapping;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.FieldPath;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Source;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Makes one pipeline's requests from decoded records. For one thread at a time. */
public final class RequestMapper {
    /** In characters, as people count them: code points. */
    private static final int LONGEST_ID = 256;

    private final Pipeline pipeline;
    private final FieldFinder id;
    private final FieldFinder entity;
    private final @Nullable FieldFinder time;
    private final PayloadMapper payload;
    private final Map<String, FieldFinder> attributes = new LinkedHashMap<>();

    /** @throws IllegalArgumentException if the pipeline has no source */
    public RequestMapper(Pipeline pipeline) {
        Source source = pipeline.source()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Cannot map records for pipeline '%s': it has no source".formatted(pipeline.name())));
        this.pipeline = pipeline;
        this.id = finder(source.id());
        this.entity = finder(source.entity());
        this.time = source.time().map(this::finder).orElse(null);
        this.payload = PayloadMapper.of(pipeline.name(), source.payload(), pipeline.limits());
        source.attributes().forEach((name, path) -> attributes.put(name, finder(path)));
    }

    private FieldFinder finder(FieldPath path) {
        return new FieldFinder(pipeline.name(), path);
    }

    public Pipeline pipeline() {
        return pipeline;
    }

    /**
     * Never throws for what is wrong with the record.
     *
     * @param origin where the record is
     * @param receivedAt the record's own timestamp, which is the event's time if the pipeline names no other
     * @param now by which the event's time is judged
     */
    public Mapped map(GenericRecord record, Origin origin, Instant receivedAt, Instant now) {
        Optional<String> requestId = Optional.empty();
        try {
            requestId = Optional.of(identifier("id", id.required(record)));
            String entityId = identifier("entity", entity.required(record));
            Instant eventTime = time == null ? receivedAt : eventTime(time.required(record), now);
            // Not the builder: it copies and checks each field again, which shows at tens of thousands a second.
            return new Mapped.Valid(new InferenceRequest(
                    requestId.get(),
                    pipeline.name(),
                    entityId,
                    eventTime,
                    payload.map(record),
                    attributes(record),
                    origin,
                    receivedAt));
        } catch (RejectedRecordException e) {
            return new Mapped.Rejected(e.code(), e.reason(), requestId);
        }
    }

    private static String identifier(String what, Field field) {
        String text = FieldValues.name(field);
        int characters = text.codePointCount(0, text.length());
        if (text.isBlank() || characters > LONGEST_ID) {
            throw new RejectedRecordException(
                    DeadLetterCode.INVALID_ID,
                    "Cannot use field '%s' as %s: it has %d characters%s, expected 1 to %d"
                            .formatted(
                                    field.path(),
                                    what,
                                    characters,
                                    text.isBlank() && characters > 0 ? ", all blank" : "",
                                    LONGEST_ID));
        }
        return text;
    }

    private Instant eventTime(Field field, Instant now) {
        return Instant.ofEpochMilli(EventTimes.plausible(EventTimes.millis(field), now, pipeline.clockSkew()));
    }

    private Map<String, String> attributes(GenericRecord record) {
        if (attributes.isEmpty()) {
            return Map.of();
        }
        Map<String, String> values = new HashMap<>();
        attributes.forEach((name, finder) ->
                finder.optional(record).map(FieldValues::label).ifPresent(value -> values.put(name, value)));
        return values;
    }
}
