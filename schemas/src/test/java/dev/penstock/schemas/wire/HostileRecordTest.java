package dev.penstock.schemas.wire;

import static dev.penstock.schemas.Fixtures.someTextRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.penstock.schemas.InferenceRequest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a writer who means harm can make a reader do: nothing that costs much more than the record's own bytes. */
@Timeout(60)
class HostileRecordTest {
    private static final long TWO_GIGABYTES = Integer.MAX_VALUE - 8L;

    private final String url = "mock://" + UUID.randomUUID();
    private final SchemaRegistry registry = SchemaRegistry.connect(url);
    private final HandMade handMade = new HandMade(SchemaRegistryClientFactory.newClient(
            List.of(url), 100, List.of(new AvroSchemaProvider()), Map.of(), Map.of()));
    private final List<Deserializer<InferenceRequest>> requests =
            List.of(AvroDeserializer.of(registry, InferenceRequest.class), AvroDeserializer.ofRequests(registry));
    private final Deserializer<GenericRecord> anything = AvroDeserializer.generic(registry);

    @ParameterizedTest
    @ValueSource(longs = {200, 60_000_000, TWO_GIGABYTES, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void aTextThatIsNotThereIsNotMadeRoomFor(long length) {
        refusesCheaply(requests, handMade.record(plain(), encoder -> encoder.writeLong(length)));
    }

    @ParameterizedTest
    @ValueSource(longs = {200, 60_000_000, TWO_GIGABYTES, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void contentThatIsNotThereIsNotMadeRoomFor(long length) {
        refusesCheaply(requests, handMade.record(plain(), encoder -> {
            writeUntilPayload(encoder);
            encoder.writeIndex(0);
            encoder.writeLong(length);
        }));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 16_000_000, TWO_GIGABYTES, Long.MAX_VALUE, -16_000_000, Long.MIN_VALUE})
    void itemsThatAreNotThereAreNotMadeRoomFor(long items) {
        refusesCheaply(requests, handMade.record(plain(), encoder -> {
            writeUntilPayload(encoder);
            encoder.writeIndex(3);
            encoder.writeLong(items);
            encoder.writeString("amount");
            encoder.writeDouble(1);
        }));
    }

    @Test
    void aFixedValueThatIsNotThereIsNotMadeRoomFor() {
        String schema = """
                {"type": "record", "name": "Order", "fields": [
                  {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 2147483639}}]}""";

        refusesCheaply(anything, handMade.record(schema, encoder -> encoder.writeInt(7)));
    }

    @ParameterizedTest
    @ValueSource(longs = {10_000_000, Long.MAX_VALUE})
    void itemsWithoutBytesAreNotCountedThrough(long items) {
        String schema = """
                {"type": "record", "name": "Order", "fields": [
                  {"name": "nothing", "type": {"type": "array", "items": "null"}}]}""";

        refusesCheaply(anything, handMade.record(schema, encoder -> {
            encoder.writeLong(items);
            encoder.writeLong(0);
        }));
    }

    @Test
    void itemsWithoutBytesAreNotCountedThroughWhereTheyAreLeftOut() {
        Schema newer = Schemas.with(InferenceRequest.getClassSchema(), "nothing", Schemas.nothings(), List.of());

        refusesCheaply(requests, handMade.record(newer.toString(), encoder -> {
            writeUntilPayload(encoder);
            encoder.writeIndex(2);
            encoder.writeString("win a prize");
            encoder.writeLong(0);
            encoder.writeIndex(0);
            encoder.writeIndex(0);
            encoder.writeLong(Long.MAX_VALUE);
        }));
    }

    @Test
    void manySmallListsOfNothingDoNotAddUp() {
        String schema = """
                {"type": "record", "name": "Order", "fields": [
                  {"name": "lists", "type": {"type": "array", "items": {"type": "array", "items": "null"}}}]}""";
        int lists = 10_000;

        refusesCheaply(anything, handMade.record(schema, encoder -> {
            encoder.writeLong(lists);
            for (int list = 0; list < lists; list++) {
                encoder.writeLong(9_000);
                encoder.writeLong(0);
            }
            encoder.writeLong(0);
        }));
    }

    @Test
    void aRecordThatNestsWithoutEndIsRefusedAndTheNextIsRead() {
        String schema = """
                {"type": "record", "name": "Box", "fields": [{"name": "in", "type": ["null", "Box"]}]}""";
        byte[] deep = handMade.record(schema, encoder -> {
            for (int depth = 0; depth < 1_000_000; depth++) {
                encoder.writeIndex(1);
            }
            encoder.writeIndex(0);
        });
        byte[] shallow = handMade.record(schema, encoder -> {
            encoder.writeIndex(1);
            encoder.writeIndex(0);
        });

        assertThatThrownBy(() -> anything.deserialize("boxes", deep))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("StackOverflowError");
        assertThat(anything.deserialize("boxes", shallow)).hasToString("{\"in\": {\"in\": null}}");
    }

    @Test
    void aListOfEmptyListsIsNoHarm() {
        String schema = """
                {"type": "record", "name": "Order", "fields": [
                  {"name": "lists", "type": {"type": "array", "items": {"type": "array", "items": "int"}}}]}""";
        byte[] record = handMade.record(schema, encoder -> {
            encoder.writeLong(100);
            for (int list = 0; list < 100; list++) {
                encoder.writeLong(0);
            }
            encoder.writeLong(0);
        });

        assertThat((List<?>) anything.deserialize("orders", record).get("lists"))
                .hasSize(100);
    }

    private void refusesCheaply(List<Deserializer<InferenceRequest>> deserializers, byte[] hostile) {
        deserializers.forEach(deserializer -> refusesCheaply(deserializer, hostile));
    }

    /** Also that what comes next is read as if nothing had been. */
    private void refusesCheaply(Deserializer<?> deserializer, byte[] hostile) {
        byte[] good = new AvroSerializer<InferenceRequest>(registry).serialize("any", someTextRequest("id-1"));
        deserializer.deserialize("any", good);
        // The first reading of a schema costs more: resolving it, once.
        assertThatThrownBy(() -> deserializer.deserialize("any", hostile)).isInstanceOf(MalformedRecordException.class);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> deserializer.deserialize("any", hostile)).isInstanceOf(MalformedRecordException.class);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).as("bytes allocated").isLessThan(200_000L + 20L * hostile.length);
        assertThat(deserializer.deserialize("any", good)).isNotNull();
    }

    private static String plain() {
        return InferenceRequest.getClassSchema().toString();
    }

    private static void writeUntilPayload(BinaryEncoder encoder) throws IOException {
        encoder.writeString("id-1");
        encoder.writeString("spam");
        encoder.writeString("customer-7");
        encoder.writeLong(0);
    }
}
