package dev.penstock.ingest.limits;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes a record takes in a producer's batch, at most and uncompressed, which is what brokers and producers
 * compare with their limits.
 *
 * @see <a href="https://kafka.apache.org/documentation/#recordbatch">Kafka's record batch format</a>
 */
public final class RecordSize {
    private static final int BATCH_OVERHEAD = 61;
    /** Length, attributes, two deltas, two lengths, count of headers: each at its longest. */
    private static final int RECORD_OVERHEAD = 31;

    private static final int LENGTH_OVERHEAD = 5;

    private RecordSize() {}

    public static long upperBound(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        long bytes = (long) BATCH_OVERHEAD + RECORD_OVERHEAD + length(key) + length(value);
        for (Header header : headers) {
            bytes += 2L * LENGTH_OVERHEAD + header.key().getBytes(UTF_8).length + length(header.value());
        }
        return bytes;
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
