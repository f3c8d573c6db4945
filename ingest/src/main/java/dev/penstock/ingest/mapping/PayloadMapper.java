package dev.penstock.ingest.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.FieldPath;
import dev.penstock.schemas.pipelines.Limits;
import dev.penstock.schemas.pipelines.Payload;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;

/** Takes out of a record what is to be scored, within the pipeline's limits. */
final class PayloadMapper {
    private interface Kind {
        Sized map(GenericRecord record);
    }

    /** @param bytes of what is to be scored, without framing */
    private record Sized(Object payload, long bytes) {}

    private final String field;
    private final Limits limits;
    private final Kind kind;

    private PayloadMapper(String field, Limits limits, Kind kind) {
        this.field = field;
        this.limits = limits;
        this.kind = kind;
    }

    static PayloadMapper of(String pipeline, Payload payload, Limits limits) {
        Function<FieldPath, FieldFinder> finder = path -> new FieldFinder(pipeline, path);
        if (payload instanceof Payload.Text text) {
            return new PayloadMapper("field '%s'".formatted(text.text()), limits, text(finder.apply(text.text())));
        }
        if (payload instanceof Payload.Image image) {
            FieldFinder content = finder.apply(image.content());
            Optional<FieldFinder> contentType = image.contentType().map(finder);
            return new PayloadMapper("field '%s'".formatted(image.content()), limits, record -> {
                ByteBuffer bytes = FieldValues.bytes(content.required(record));
                return new Sized(new ImagePayload(bytes, contentType(contentType, record)), bytes.remaining());
            });
        }
        if (payload instanceof Payload.Audio audio) {
            FieldFinder content = finder.apply(audio.content());
            Optional<FieldFinder> contentType = audio.contentType().map(finder);
            return new PayloadMapper("field '%s'".formatted(audio.content()), limits, record -> {
                ByteBuffer bytes = FieldValues.bytes(content.required(record));
                return new Sized(new AudioPayload(bytes, contentType(contentType, record)), bytes.remaining());
            });
        }
        if (payload instanceof Payload.Features features) {
            return new PayloadMapper(
                    "features",
                    limits,
                    features(finders(features.numbers(), finder), finders(features.categories(), finder)));
        }
        if (payload instanceof Payload.Vector vector) {
            FieldFinder values = finder.apply(vector.values());
            return new PayloadMapper("field '%s'".formatted(vector.values()), limits, record -> {
                ByteBuffer bytes = FieldValues.vector(values.required(record));
                return new Sized(new VectorPayload(bytes), bytes.remaining());
            });
        }
        throw new IllegalStateException("Cannot map unknown payload: " + payload);
    }

    /** @throws RejectedRecordException if it is missing, empty, too large or of the wrong type */
    Object map(GenericRecord record) {
        Sized sized = kind.map(record);
        if (sized.bytes() == 0) {
            throw new RejectedRecordException(
                    DeadLetterCode.EMPTY_PAYLOAD, "Cannot use record: its payload, %s, is empty".formatted(field));
        }
        Optional<ByteSize> limit = limits.payloadBytes();
        if (limit.isPresent() && sized.bytes() > limit.get().bytes()) {
            throw new RejectedRecordException(
                    DeadLetterCode.PAYLOAD_TOO_LARGE,
                    "Cannot use record: its payload, %s, has %,d bytes, more than the pipeline's limit of %,d"
                            .formatted(field, sized.bytes(), limit.get().bytes()));
        }
        return sized.payload();
    }

    private static Kind text(FieldFinder finder) {
        return record -> {
            String text = FieldValues.text(finder.required(record));
            return new Sized(new TextPayload(text), utf8Bytes(text));
        };
    }

    private static Kind features(Map<String, FieldFinder> numbers, Map<String, FieldFinder> categories) {
        return record -> {
            Map<String, Double> foundNumbers = new HashMap<>();
            Map<String, String> foundCategories = new HashMap<>();
            // What is missing is left out: whether the model can do without it is for its card to say.
            numbers.forEach((name, finder) ->
                    finder.optional(record).ifPresent(found -> foundNumbers.put(name, FieldValues.number(found))));
            categories.forEach((name, finder) ->
                    finder.optional(record).ifPresent(found -> foundCategories.put(name, FieldValues.category(found))));
            long bytes = 0;
            for (String name : foundNumbers.keySet()) {
                bytes += utf8Bytes(name) + Double.BYTES;
            }
            for (Map.Entry<String, String> category : foundCategories.entrySet()) {
                bytes += utf8Bytes(category.getKey()) + utf8Bytes(category.getValue());
            }
            return new Sized(new FeaturesPayload(foundNumbers, foundCategories), bytes);
        };
    }

    private static Map<String, FieldFinder> finders(
            Map<String, FieldPath> paths, Function<FieldPath, FieldFinder> finder) {
        Map<String, FieldFinder> finders = new LinkedHashMap<>();
        paths.forEach((name, path) -> finders.put(name, finder.apply(path)));
        return finders;
    }

    private static String contentType(Optional<FieldFinder> finder, GenericRecord record) {
        return finder.flatMap(found -> found.optional(record))
                .map(FieldValues::name)
                .orElse("");
    }

    private static long utf8Bytes(String text) {
        return text.getBytes(UTF_8).length;
    }
}
