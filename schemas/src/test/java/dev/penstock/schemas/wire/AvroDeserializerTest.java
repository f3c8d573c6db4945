package dev.penstock.schemas.wire;

import static dev.penstock.schemas.Fixtures.someAlert;
import static dev.penstock.schemas.Fixtures.someAudioRequest;
import static dev.penstock.schemas.Fixtures.someImageRequest;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static dev.penstock.schemas.Fixtures.somePrediction;
import static dev.penstock.schemas.Fixtures.someRecordRequest;
import static dev.penstock.schemas.Fixtures.someTextRequest;
import static dev.penstock.schemas.Fixtures.someVectorRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AvroDeserializerTest {
    private static final String PLAIN_ORIGIN = """
            {"type": "record", "name": "Origin", "namespace": "dev.penstock.schemas", "fields": [
              {"name": "topic", "type": "string"},
              {"name": "partition", "type": "int"},
              {"name": "offset", "type": "long"}]}""";

    private final String url = "mock://" + UUID.randomUUID();
    private final SchemaRegistry registry = SchemaRegistry.connect(url);
    private final HandMade handMade = new HandMade(SchemaRegistryClientFactory.newClient(
            List.of(url), 100, List.of(new AvroSchemaProvider()), Map.of(), Map.of()));

    static Stream<SpecificRecord> everyKindOfRecord() {
        return Stream.of(
                someTextRequest("id-1"),
                someImageRequest("id-2"),
                someAudioRequest("id-3"),
                someRecordRequest("id-4"),
                someVectorRequest("id-5", 0.5f, -1f),
                somePrediction("id-1"),
                someModelVersion("spam", 3),
                someAlert("spam"));
    }

    @ParameterizedTest
    @MethodSource("everyKindOfRecord")
    void readsWhatTheSerializerWrote(SpecificRecord written) {
        byte[] record = new AvroSerializer<SpecificRecord>(registry).serialize("any", written);

        assertThat(AvroDeserializer.of(registry, written.getClass()).deserialize("any", record))
                .isEqualTo(written);
    }

    @Test
    void readsWhatAWriterInAnotherLanguageWrote() {
        byte[] record = handMade.record(PLAIN_ORIGIN, encoder -> {
            encoder.writeString("crème brûlée");
            encoder.writeInt(-1);
            encoder.writeLong(1L << 40);
        });

        Origin origin = AvroDeserializer.of(registry, Origin.class).deserialize("any", record);

        assertThat(origin).isEqualTo(new Origin("crème brûlée", -1, 1L << 40));
    }

    @Test
    void givesFieldsThatAnOlderWriterDidNotKnowTheirDefaults() {
        Schema older = Schemas.without(InferenceRequest.getClassSchema(), "attributes", "origin", "receivedAt");
        byte[] record = handMade.record(older, Schemas.asWrittenBy(older, someTextRequest("id-1")));

        InferenceRequest request =
                AvroDeserializer.of(registry, InferenceRequest.class).deserialize("requests.text", record);

        assertThat(request.getPayload()).isEqualTo(someTextRequest("id-1").getPayload());
        assertThat(request.getAttributes()).isEmpty();
        assertThat(request.getOrigin()).isNull();
        assertThat(request.getReceivedAt()).isNull();
    }

    @Test
    void leavesOutFieldsThatOnlyANewerWriterKnows() {
        Schema texts = Schema.createArray(Schema.create(Schema.Type.STRING));
        Schema newer = Schemas.with(InferenceRequest.getClassSchema(), "hints", texts, List.of());
        GenericRecord value = Schemas.asWrittenBy(newer, someTextRequest("id-1"));
        value.put("hints", List.of("urgent"));

        byte[] record = handMade.record(newer, value);

        assertThat(AvroDeserializer.of(registry, InferenceRequest.class).deserialize("requests.text", record))
                .isEqualTo(someTextRequest("id-1"));
    }

    @Test
    void readsASymbolThatOnlyANewerWriterKnowsAsUnknown() {
        Schema newer = new Schema.Parser()
                .parse(Alert.getClassSchema().toString().replace("\"WAITING_FOR_MODEL\"", "\"OUT_OF_PAPER\""));
        GenericRecord value = Schemas.asWrittenBy(newer, someAlert("spam"));
        value.put("code", new GenericData.EnumSymbol(newer.getField("code").schema(), "OUT_OF_PAPER"));

        byte[] record = handMade.record(newer, value);

        assertThat(AvroDeserializer.of(registry, Alert.class)
                        .deserialize("alerts", record)
                        .getCode())
                .isEqualTo(AlertCode.UNKNOWN);
    }

    @Test
    void readsAnySchemaAsItWasWritten() {
        byte[] record = handMade.record("""
                {"type": "record", "name": "Payment", "fields": [
                  {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                  {"name": "by", "type": ["null", "string"], "default": null}]}""", encoder -> {
            encoder.writeLong(1_700_000_000_000L);
            encoder.writeIndex(1);
            encoder.writeString("ada");
        });

        GenericRecord payment = AvroDeserializer.generic(registry).deserialize("payments", record);

        assertThat(payment.get("at")).isEqualTo(1_700_000_000_000L);
        assertThat(payment.get("by")).hasToString("ada");
    }

    @Test
    void readsADeletionAsNull() {
        assertThat(AvroDeserializer.of(registry, ModelVersion.class).deserialize("model-versions", null))
                .isNull();
    }

    @Test
    void refusesARecordThatEndsEarlyWhereverItEnds() {
        byte[] whole = new AvroSerializer<SpecificRecord>(registry).serialize("any", somePrediction("id-1"));
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(registry, Prediction.class);

        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> deserializer.deserialize("predictions", part))
                    .as("first %d bytes", length)
                    .isInstanceOf(MalformedRecordException.class);
        }
        assertThat(deserializer.deserialize("predictions", whole)).isEqualTo(somePrediction("id-1"));
    }

    @Test
    void refusesBytesAfterTheValue() {
        byte[] whole = new AvroSerializer<SpecificRecord>(registry).serialize("any", someAlert("spam"));
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);

        assertThatThrownBy(() -> AvroDeserializer.of(registry, Alert.class).deserialize("alerts", longer))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("topic 'alerts'")
                .hasMessageContaining("bytes are left");
    }

    @Test
    void refusesWhatIsNotFramed() {
        AvroDeserializer<Alert> deserializer = AvroDeserializer.of(registry, Alert.class);

        assertThatThrownBy(() -> deserializer.deserialize("alerts", new byte[] {'{', '"', 'a', '"', ':', '1', '}'}))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("starts with byte 0x7b");
        assertThatThrownBy(() -> deserializer.deserialize("alerts", new byte[] {0, 0, 0}))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("3 bytes");
        assertThatThrownBy(() -> deserializer.deserialize("alerts", new byte[] {0, -1, 0, 0, 1, 2}))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("names schema -16777215");
    }

    @Test
    void refusesAValueThatIsNotARecord() {
        byte[] record = handMade.record("\"string\"", encoder -> encoder.writeString("hello"));

        assertThatThrownBy(() -> AvroDeserializer.generic(registry).deserialize("mails", record))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("plain STRING");
    }

    @Test
    void refusesARecordOfAnotherSchemaThanItReads() {
        byte[] record = new AvroSerializer<SpecificRecord>(registry).serialize("any", someAlert("spam"));

        assertThatThrownBy(() -> AvroDeserializer.of(registry, Origin.class).deserialize("any", record))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void saysThatTheRegistryHasNoSuchSchema() {
        assertThatThrownBy(() -> AvroDeserializer.of(registry, Alert.class)
                        .deserialize("alerts", new byte[] {0, 0, 0, 18, 103, 1}))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("no schema with id 4711");
    }

    @Test
    void damagedBytesAreReadOrRefusedAndNothingElse() {
        byte[] whole = new AvroSerializer<SpecificRecord>(registry).serialize("any", somePrediction("id-1"));
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(registry, Prediction.class);
        Random random = new Random(42);
        int refused = 0;

        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = whole.clone();
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                damaged[5 + random.nextInt(whole.length - 5)] = (byte) random.nextInt();
            }
            try {
                deserializer.deserialize("predictions", damaged);
            } catch (MalformedRecordException e) {
                refused++;
            }
        }

        assertThat(refused).isBetween(1, 19_999);
        assertThat(deserializer.deserialize("predictions", whole)).isEqualTo(somePrediction("id-1"));
    }
}
