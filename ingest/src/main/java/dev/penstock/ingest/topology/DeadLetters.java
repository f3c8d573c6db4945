package dev.penstock.ingest.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.ingest.limits.RecordSize;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/** Source records as dead letters: key, value and headers as they came, and why beside them. */
final class DeadLetters {

    private static final String COMPONENT = "ingest";
    /** What an earlier failure of the same bytes said; this one may not say it again. */
    private static final List<String> OPTIONAL_HEADERS = List.of(
            DeadLetter.PIPELINE,
            DeadLetter.REQUEST_ID,
            DeadLetter.SOURCE_TOPIC,
            DeadLetter.SOURCE_PARTITION,
            DeadLetter.SOURCE_OFFSET,
            DeadLetter.OMITTED_BYTES);

    private final int largestRecordBytes;

    DeadLetters(int largestRecordBytes) {
        this.largestRecordBytes = largestRecordBytes;
    }

    /**
     * @param failure class that was thrown, or would have been
     * @param pipeline empty if the record is of no use to any pipeline
     */
    Record<byte[], Ingested> of(
            Record<byte[], byte[]> source,
            Origin origin,
            DeadLetterCode code,
            String reason,
            Class<?> failure,
            Optional<String> pipeline,
            Optional<String> requestId) {
        DeadLetter letter = new DeadLetter(
                code, reason, failure.getName(), origin, Optional.empty(), COMPONENT, pipeline, requestId);
        Headers headers = new RecordHeaders(source.headers());
        OPTIONAL_HEADERS.forEach(headers::remove);
        letter.toHeaders().forEach(header -> headers.remove(header.key()).add(header));
        if (RecordSize.upperBound(source.key(), source.value(), headers) <= largestRecordBytes) {
            return new Record<>(source.key(), new Ingested.Dead(source.value()), source.timestamp(), headers);
        }
        // The reason is worth more than bytes that fit into no dead letter: they stay in the source topic.
        int omitted = source.value() == null ? 0 : source.value().length;
        headers.add(DeadLetter.OMITTED_BYTES, Integer.toString(omitted).getBytes(UTF_8));
        if (RecordSize.upperBound(source.key(), null, headers) <= largestRecordBytes) {
            return new Record<>(source.key(), new Ingested.Dead(null), source.timestamp(), headers);
        }
        Headers own = new RecordHeaders(letter.toHeaders());
        own.add(headers.lastHeader(DeadLetter.OMITTED_BYTES));
        return new Record<>(new byte[0], new Ingested.Dead(null), source.timestamp(), own);
    }
}
