package dev.penstock.schemas.wire;

import static dev.penstock.schemas.Fixtures.someTextRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class AvroSerializerTest {
    private static final Schema ORDER = SchemaBuilder.record("Order")
            .fields()
            .requiredString("id")
            .requiredInt("pieces")
            .endRecord();

    private final String url = "mock://" + UUID.randomUUID();
    private final SchemaRegistry registry = SchemaRegistry.connect(url);

    @Test
    void framesAvrosBinaryWithTheIdThatTheRegistryGave() throws Exception {
        InferenceRequest request = someTextRequest("id-1");

        byte[] record = new AvroSerializer<InferenceRequest>(registry).serialize("requests.text", request);

        int id = confluentClient().getSchemaMetadata("requests.text-value", 1).getId();
        byte[] binary = avroBinary(request);
        assertThat(record)
                .isEqualTo(ByteBuffer.allocate(5 + binary.length)
                        .put((byte) 0)
                        .putInt(id)
                        .put(binary)
                        .array());
    }

    @Test
    void registersTheSchemaAsWritersInOtherLanguagesWould() throws Exception {
        AvroSerializer<Origin> serializer = new AvroSerializer<>(registry);

        byte[] record = serializer.serialize("origins", new Origin("mails", 1, 2L));

        String file = Files.readString(Path.of("src/main/avro/Origin.avsc"));
        assertThat(confluentClient().getId("origins-value", new AvroSchema(file)))
                .isEqualTo(ByteBuffer.wrap(record, 1, 4).getInt());
    }

    @Test
    void writesNullAsADeletion() {
        assertThat(new AvroSerializer<InferenceRequest>(registry).serialize("requests.text", null))
                .isNull();
    }

    @Test
    void leavesNothingOfARecordThatDoesNotFitItsSchema() {
        AvroSerializer<GenericRecord> serializer = new AvroSerializer<>(registry);
        byte[] good = serializer.serialize("orders", order("id-1", 3));

        assertThatThrownBy(() -> serializer.serialize("orders", order("id-2", null)))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("Cannot write Order for topic 'orders'")
                .hasMessageContaining("pieces");
        assertThat(serializer.serialize("orders", order("id-1", 3))).isEqualTo(good);
    }

    @Test
    void writesRecordsOfSeveralSchemasAndTopics() {
        AvroSerializer<GenericRecord> serializer = new AvroSerializer<>(registry);
        Schema other =
                SchemaBuilder.record("Return").fields().requiredString("of").endRecord();
        GenericRecord returned = new GenericData.Record(other);
        returned.put("of", "id-1");

        byte[] first = serializer.serialize("orders", order("id-1", 3));
        byte[] second = serializer.serialize("returns", returned);

        AvroDeserializer<GenericRecord> deserializer = AvroDeserializer.generic(registry);
        assertThat(deserializer.deserialize("orders", first)).hasToString("{\"id\": \"id-1\", \"pieces\": 3}");
        assertThat(deserializer.deserialize("returns", second)).hasToString("{\"of\": \"id-1\"}");
    }

    private SchemaRegistryClient confluentClient() {
        return SchemaRegistryClientFactory.newClient(
                List.of(url), 10, List.of(new AvroSchemaProvider()), Map.of(), Map.of());
    }

    private static GenericRecord order(String id, Integer pieces) {
        GenericRecord order = new GenericData.Record(ORDER);
        order.put("id", id);
        order.put("pieces", pieces);
        return order;
    }

    private static byte[] avroBinary(InferenceRequest request) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new SpecificDatumWriter<>(InferenceRequest.class).write(request, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }
}
