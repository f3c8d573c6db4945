package dev.penstock.schemas.wire;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests that were written with the schema of this version, field by field in its order. Avro's own reader walks
 * two schemas for each record, and copies payloads. For one thread at a time.
 */
final class InferenceRequestReader {
    private static final String OURS = SchemaNormalization.toParsingForm(InferenceRequest.getClassSchema());

    private final RecordBytes in = new RecordBytes();

    /** Whether records of a writer's schema are encoded as ours; others need Avro's resolution. */
    static boolean reads(Schema writer) {
        return SchemaNormalization.toParsingForm(writer).equals(OURS);
    }

    /**
     * @return payloads share their memory with the record
     * @throws IOException if the bytes are not a request
     */
    InferenceRequest read(byte[] record, int offset) throws IOException {
        in.start(record, offset);
        return new InferenceRequest(
                in.readString(),
                in.readString(),
                in.readString(),
                Instant.ofEpochMilli(in.readLong()),
                payload(),
                attributes(),
                in.readBranch(2) == 0 ? null : new Origin(in.readString(), in.readInt(), in.readLong()),
                receivedAt());
    }

    boolean isEnd() {
        return in.isEnd();
    }

    private Object payload() throws IOException {
        return switch (in.readBranch(5)) {
            case 0 -> new ImagePayload(in.readBytes(), in.readString());
            case 1 -> new AudioPayload(in.readBytes(), in.readString());
            case 2 -> new TextPayload(in.readString());
            case 3 -> new FeaturesPayload(in.readMap(in::readDouble), in.readMap(in::readString));
            default -> new VectorPayload(in.readBytes());
        };
    }

    private Map<String, String> attributes() throws IOException {
        return in.readMap(in::readString);
    }

    private @Nullable Instant receivedAt() throws IOException {
        return in.readBranch(2) == 0 ? null : Instant.ofEpochMilli(in.readLong());
    }
}
