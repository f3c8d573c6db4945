package dev.penstock.ingest.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.ingest.topology.Ingested.Candidate;
import dev.penstock.schemas.topics.Topic;
import java.io.UncheckedIOException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class CandidateSerdeTest {
    private final Serde<Ingested> serde = CandidateSerde.create();

    @Test
    void aCandidateComesBackAsItWas() {
        byte[] request = {0, 1, 2, 3};

        byte[] bytes =
                serde.serializer().serialize("by-entity", new Candidate("spam", "id-😀", Topic.REQUESTS_TEXT, request));
        Candidate read = (Candidate) serde.deserializer().deserialize("by-entity", bytes);

        assertThat(read.pipeline()).isEqualTo("spam");
        assertThat(read.requestId()).isEqualTo("id-😀");
        assertThat(read.topic()).isEqualTo(Topic.REQUESTS_TEXT);
        assertThat(read.request()).isEqualTo(request);
    }

    @Test
    void isNeverLongerThanTheRequestAndItsOverhead() {
        Candidate longest = new Candidate("p".repeat(100), "😀".repeat(256), Topic.REQUESTS_RECORD, new byte[5]);

        byte[] bytes = serde.serializer().serialize("by-entity", longest);

        assertThat(bytes).hasSizeLessThan(5 + CandidateSerde.LARGEST_OVERHEAD_BYTES);
    }

    @Test
    void refusesWhatItDidNotWrite() {
        assertThatThrownBy(() -> serde.deserializer().deserialize("by-entity", new byte[] {0, 9, 1}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("Cannot read a record of 3 bytes between tasks");
    }
}
