package dev.penstock.ingest.topology;

import dev.penstock.ingest.topology.Ingested.Candidate;
import dev.penstock.schemas.topics.Topic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Candidates on the way between two tasks: what duplicates are told by, and the request as it is, so that neither side
 * decodes it again.
 */
final class CandidateSerde {
    /** How much longer a record is than the request in it, at most: names and ids have limits. */
    static final int LARGEST_OVERHEAD_BYTES = 4 * 1024;

    private static final int USUAL_HEAD_BYTES = 128;

    private CandidateSerde() {}

    /** For a stream that has no dead letters any more. */
    static Serde<Ingested> create() {
        return Serdes.serdeFrom((topic, candidate) -> write((Candidate) candidate), (topic, bytes) -> read(bytes));
    }

    private static byte[] write(Candidate candidate) {
        byte[] head = head(candidate);
        byte[] request = candidate.request();
        // Copied once: requests may have megabytes, and even one of kilobytes is most of what this step costs.
        byte[] bytes = Arrays.copyOf(head, head.length + request.length);
        System.arraycopy(request, 0, bytes, head.length, request.length);
        return bytes;
    }

    private static byte[] head(Candidate candidate) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_HEAD_BYTES);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(candidate.pipeline());
            out.writeUTF(candidate.requestId());
            out.writeUTF(candidate.topic().topicName());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write request '%s'".formatted(candidate.requestId()), e);
        }
        return bytes.toByteArray();
    }

    private static Candidate read(byte[] bytes) {
        ByteArrayInputStream left = new ByteArrayInputStream(bytes);
        try (DataInputStream in = new DataInputStream(left)) {
            String pipeline = in.readUTF();
            String requestId = in.readUTF();
            String topicName = in.readUTF();
            Topic topic = Topic.named(topicName)
                    .orElseThrow(() -> new IllegalStateException(
                            "Cannot pass request '%s' on: this version of Penstock has no topic '%s'"
                                    .formatted(requestId, topicName)));
            byte[] request = Arrays.copyOfRange(bytes, bytes.length - left.available(), bytes.length);
            return new Candidate(pipeline, requestId, topic, request);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a record of %d bytes between tasks".formatted(bytes.length), e);
        }
    }
}
