package dev.penstock.schemas.wire;

import static dev.penstock.schemas.Fixtures.someTextRequest;
import static dev.penstock.schemas.Fixtures.someVectorRequest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.RandomValues;
import dev.penstock.schemas.VectorPayload;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;

/** It must read whatever Avro's own reader reads, and nothing else. */
class InferenceRequestReaderTest {
    private static final Schema SCHEMA = InferenceRequest.getClassSchema();
    private static final int REQUESTS = 2_000;

    private final String url = "mock://" + UUID.randomUUID();
    private final SchemaRegistry registry = SchemaRegistry.connect(url);
    private final HandMade handMade = new HandMade(SchemaRegistryClientFactory.newClient(
            List.of(url), 100, List.of(new AvroSchemaProvider()), Map.of(), Map.of()));
    private final Deserializer<InferenceRequest> reader = AvroDeserializer.ofRequests(registry);
    private final Deserializer<InferenceRequest> ofAvro = AvroDeserializer.of(registry, InferenceRequest.class);

    @Test
    void readsEveryRequestAsAvroDoes() {
        RandomValues values = new RandomValues(17);

        for (int request = 0; request < REQUESTS; request++) {
            byte[] record = record(values.encoded(SCHEMA));

            assertThat(reader.deserialize("any", record)).isEqualTo(ofAvro.deserialize("any", record));
        }
    }

    @Test
    void refusesWhatAvroRefusesAndReadsWhatAvroReads() {
        RandomValues values = new RandomValues(18);
        Random random = new Random(19);
        int refused = 0;

        for (int request = 0; request < REQUESTS; request++) {
            byte[] record = damaged(record(values.encoded(SCHEMA)), random);

            Optional<InferenceRequest> expected = read(ofAvro, record);
            assertThat(read(reader, record))
                    .as("request %d: %s", request, Arrays.toString(record))
                    .isEqualTo(expected);
            refused += expected.isEmpty() ? 1 : 0;
        }
        assertThat(refused).as("damaged beyond reading").isBetween(REQUESTS / 10, REQUESTS * 9 / 10);
    }

    @Test
    void readsMapsInBlocksThatSayTheirSize() {
        byte[] record = handMade.record(SCHEMA.toString(), encoder -> {
            encoder.writeString("id-1");
            encoder.writeString("spam");
            encoder.writeString("customer-7");
            encoder.writeLong(0);
            encoder.writeIndex(2);
            encoder.writeString("win a prize");
            encoder.writeLong(-1);
            encoder.writeLong(6);
            encoder.writeString("a");
            encoder.writeString("b");
            encoder.writeLong(1);
            encoder.writeString("c");
            encoder.writeString("d");
            encoder.writeLong(0);
            encoder.writeIndex(0);
            encoder.writeIndex(0);
        });

        assertThat(reader.deserialize("any", record).getAttributes()).isEqualTo(Map.of("a", "b", "c", "d"));
    }

    @Test
    void aVectorIsTheRecordsOwnMemory() {
        byte[] record =
                new AvroSerializer<InferenceRequest>(registry).serialize("any", someVectorRequest("id-1", 0.5f, -1f));

        VectorPayload payload =
                (VectorPayload) reader.deserialize("any", record).getPayload();

        assertThat(payload.getValues().array()).isSameAs(record);
        assertThat(payload.getValues().remaining()).isEqualTo(8);
    }

    @Test
    void readsAWriterWhoKnewLess() {
        Schema older = Schemas.without(SCHEMA, "attributes", "origin", "receivedAt");
        InferenceRequest written = someTextRequest("id-1");
        byte[] record = handMade.record(older, Schemas.asWrittenBy(older, written));

        InferenceRequest read = reader.deserialize("any", record);

        assertThat(read).isEqualTo(ofAvro.deserialize("any", record));
        assertThat(read.getAttributes()).isEmpty();
    }

    @Test
    void readsAWriterWhoKnowsMore() {
        Schema newer = Schemas.with(SCHEMA, "priority", Schema.create(Schema.Type.INT), 0);
        var written = Schemas.asWrittenBy(newer, someTextRequest("id-1"));
        written.put("priority", 7);
        byte[] record = handMade.record(newer, written);

        assertThat(reader.deserialize("any", record)).isEqualTo(someTextRequest("id-1"));
    }

    private byte[] record(byte[] encoded) {
        return handMade.record(SCHEMA.toString(), encoder -> encoder.writeFixed(encoded));
    }

    private static byte[] damaged(byte[] record, Random random) {
        int at = WireFormat.HEADER_BYTES + random.nextInt(record.length - WireFormat.HEADER_BYTES);
        return switch (random.nextInt(3)) {
            case 0 -> Arrays.copyOf(record, at);
            case 1 -> Arrays.copyOf(record, record.length + 1);
            default -> {
                record[at] = (byte) random.nextInt();
                yield record;
            }
        };
    }

    /** Empty if it is refused, which any other failure than that would not be. */
    private static Optional<InferenceRequest> read(Deserializer<InferenceRequest> reader, byte[] record) {
        try {
            return Optional.of(reader.deserialize("any", record));
        } catch (MalformedRecordException e) {
            return Optional.empty();
        }
    }
}
