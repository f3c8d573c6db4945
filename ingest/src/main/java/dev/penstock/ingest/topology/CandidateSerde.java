package dev.penstock.ingest.topology;

import dev.penstock.ingest.topology.Ingested.Candidate;
import dev.penstock.schemas.topics.Topic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Candidates on the way between two tasks: what duplicates are told by, and the request as it is, so that neither side
 * decodes it again.
 */
final class CandidateSerde {
    /** How much longer a record is than the request in it, at most: names and ids have limits. */
    static final int LARGEST_OVERHEAD_BYTES = 4 * 1024;

    private CandidateSerde() {}

    static Serde<Candidate> create() {
        return Serdes.serdeFrom((topic, candidate) -> write(candidate), (topic, bytes) -> read(bytes));
    }

    private static byte[] write(Candidate candidate) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(candidate.request().length + LARGEST_OVERHEAD_BYTES);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(candidate.pipeline());
            out.writeUTF(candidate.requestId());
            out.writeUTF(candidate.topic().topicName());
            out.write(candidate.request());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write request '%s'".formatted(candidate.requestId()), e);
        }
        return bytes.toByteArray();
    }

    private static Candidate read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            String pipeline = in.readUTF();
            String requestId = in.readUTF();
            String topicName = in.readUTF();
            Topic topic = Topic.named(topicName)
                    .orElseThrow(() -> new IllegalStateException(
                            "Cannot pass request '%s' on: this version of Penstock has no topic '%s'"
                                    .formatted(requestId, topicName)));
            return new Candidate(pipeline, requestId, topic, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a record of %d bytes between tasks".formatted(bytes.length), e);
        }
    }
}
