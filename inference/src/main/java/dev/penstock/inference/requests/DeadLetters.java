package dev.penstock.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes dead letters of requests: the bytes as they came, and why. */
public final class DeadLetters {
    private static final String COMPONENT = "inference";

    private static final int LONGEST_REASON = 1_000;
    /** A requester's words become headers: as long as they like, the record would not fit its topic. */
    private static final int LONGEST_NAME = 256;

    private DeadLetters() {}

    /** Whether what becomes of it might not fit its topic: brokers limit what they get compressed, producers do not. */
    static boolean isTooLarge(InputRecord record) {
        return record.weight() > Topic.LARGE_RECORD_BYTES;
    }

    /** Of a request that could be read. */
    public static OutputRecord of(
            Request.Addressed request, DeadLetterCode code, String reason, @Nullable Throwable cause) {
        return of(request.record(), Optional.of(request.content()), code, reason, cause);
    }

    /**
     * With the record's bytes, unless it is too large; then its origin must do.
     *
     * @param content the request as far as it could be read
     */
    public static OutputRecord of(
            InputRecord record,
            Optional<InferenceRequest> content,
            DeadLetterCode code,
            String reason,
            @Nullable Throwable cause) {
        DeadLetter letter = new DeadLetter(
                code,
                cut(reason, LONGEST_REASON),
                cause == null ? "" : cause.getClass().getName(),
                new Origin(record.topic(), record.partition(), record.offset()),
                content.map(InferenceRequest::getOrigin)
                        .map(source -> new Origin(
                                cut(source.getTopic(), LONGEST_NAME), source.getPartition(), source.getOffset())),
                COMPONENT,
                content.map(request -> cut(request.getPipeline(), LONGEST_NAME)),
                content.map(request -> cut(request.getRequestId(), LONGEST_NAME)));
        Map<String, String> headers = new LinkedHashMap<>();
        letter.toHeaders().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        String topic = Topic.DEAD_LETTERS.topicName();
        if (!isTooLarge(record)) {
            return new OutputRecord(topic, record.key(), record.value(), headers);
        }
        headers.put(DeadLetter.OMITTED_BYTES, Integer.toString(record.value() == null ? 0 : record.value().length));
        return new OutputRecord(topic, null, null, headers);
    }

    private static String cut(String text, int characters) {
        return text.length() <= characters ? text : text.substring(0, characters) + "…";
    }
}
