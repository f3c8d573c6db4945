package dev.penstock.schemas.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Why a record is a dead letter and where it came from, as headers beside its original bytes.
 *
 * <p>The {@code __streams.errors.*} names are those of Kafka Streams' own dead letter queue (KIP-1034), so that tools
 * made for it read ours; the {@code penstock.*} ones say what those cannot.
 *
 * @param code one of a closed list
 * @param reason one sentence with values
 * @param exception class name of what was thrown, or of what would have been
 * @param from the record whose bytes these are
 * @param source the event that started it, where {@code from} was made from another record
 * @param component the part of the platform that gave up, such as {@code ingest}
 * @param pipeline the pipeline, as far as it is known
 * @param requestId the request, as far as it is known
 */
public record DeadLetter(
        DeadLetterCode code,
        String reason,
        String exception,
        Origin from,
        Optional<Origin> source,
        String component,
        Optional<String> pipeline,
        Optional<String> requestId) {

    public static final String EXCEPTION = "__streams.errors.exception";
    public static final String MESSAGE = "__streams.errors.message";
    public static final String TOPIC = "__streams.errors.topic";
    public static final String PARTITION = "__streams.errors.partition";
    public static final String OFFSET = "__streams.errors.offset";
    public static final String CODE = "penstock.dead-letter.code";
    public static final String COMPONENT = "penstock.dead-letter.component";
    public static final String PIPELINE = "penstock.dead-letter.pipeline";
    public static final String REQUEST_ID = "penstock.dead-letter.request-id";
    public static final String SOURCE_TOPIC = "penstock.dead-letter.source-topic";
    public static final String SOURCE_PARTITION = "penstock.dead-letter.source-partition";
    public static final String SOURCE_OFFSET = "penstock.dead-letter.source-offset";

    /** How many bytes stayed in the source topic, where a dead letter could not take them. */
    public static final String OMITTED_BYTES = "penstock.dead-letter.omitted-bytes";

    /** On a record that was sent again by hand: the place of its dead letter, {@code PARTITION:OFFSET}. */
    public static final String REPLAY_OF = "penstock.replay-of";

    /** How many bytes stayed in the source topic; empty where the dead letter has them all. */
    public static OptionalLong omittedBytes(Headers headers) {
        Optional<String> bytes = text(headers, OMITTED_BYTES);
        return bytes.isPresent() ? OptionalLong.of(Long.parseLong(bytes.get())) : OptionalLong.empty();
    }

    /** The event to look at: the source where there is one, else the record itself. */
    public Origin root() {
        return source.orElse(from);
    }

    /** Header values are UTF-8 text, numbers included; in a fixed order. */
    public List<Header> toHeaders() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(EXCEPTION, exception);
        values.put(MESSAGE, reason);
        values.put(TOPIC, from.getTopic());
        values.put(PARTITION, Integer.toString(from.getPartition()));
        values.put(OFFSET, Long.toString(from.getOffset()));
        values.put(CODE, code.name());
        values.put(COMPONENT, component);
        pipeline.ifPresent(name -> values.put(PIPELINE, name));
        requestId.ifPresent(id -> values.put(REQUEST_ID, id));
        source.ifPresent(origin -> {
            values.put(SOURCE_TOPIC, origin.getTopic());
            values.put(SOURCE_PARTITION, Integer.toString(origin.getPartition()));
            values.put(SOURCE_OFFSET, Long.toString(origin.getOffset()));
        });
        List<Header> headers = new ArrayList<>(values.size());
        values.forEach((name, value) -> headers.add(new RecordHeader(name, value.getBytes(UTF_8))));
        return List.copyOf(headers);
    }

    /** @throws IllegalArgumentException if these are not the headers of a dead letter */
    public static DeadLetter read(Headers headers) {
        Optional<Origin> source = text(headers, SOURCE_TOPIC)
                .map(topic -> new Origin(
                        topic,
                        Integer.parseInt(required(headers, SOURCE_PARTITION)),
                        Long.parseLong(required(headers, SOURCE_OFFSET))));
        Origin from = new Origin(
                required(headers, TOPIC),
                Integer.parseInt(required(headers, PARTITION)),
                Long.parseLong(required(headers, OFFSET)));
        return new DeadLetter(
                DeadLetterCode.valueOf(required(headers, CODE)),
                required(headers, MESSAGE),
                required(headers, EXCEPTION),
                from,
                source,
                required(headers, COMPONENT),
                text(headers, PIPELINE),
                text(headers, REQUEST_ID));
    }

    private static String required(Headers headers, String name) {
        return text(headers, name)
                .orElseThrow(() ->
                        new IllegalArgumentException("Cannot read dead letter: it has no header '%s'".formatted(name)));
    }

    private static Optional<String> text(Headers headers, String name) {
        return Optional.ofNullable(headers.lastHeader(name)).map(Header::value).map(value -> new String(value, UTF_8));
    }
}
