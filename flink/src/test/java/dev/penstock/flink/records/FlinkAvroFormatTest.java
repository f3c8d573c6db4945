package dev.penstock.flink.records;

import static dev.penstock.schemas.Fixtures.someTextRequest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.file.Path;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericData;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.flink.formats.avro.registry.confluent.ConfluentRegistryAvroDeserializationSchema;
import org.apache.flink.formats.avro.registry.confluent.ConfluentRegistryAvroSerializationSchema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flink's own Confluent format, which others' jobs and SQL use, beside our serializer: over the wire, not over a mock. */
class FlinkAvroFormatTest {
    @TempDir
    private Path directory;

    private EmbeddedRegistry server;
    private SchemaRegistry registry;

    @BeforeEach
    void start() {
        server = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        registry = SchemaRegistry.connect(server.url());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void flinkReadsWhatWeWrite() throws Exception {
        byte[] record =
                new AvroSerializer<InferenceRequest>(registry).serialize("requests.text", someTextRequest("id-1"));
        var flink = ConfluentRegistryAvroDeserializationSchema.forGeneric(
                schema(InferenceRequest.getClassSchema().toString()), server.url());

        GenericRecord read = flink.deserialize(record);

        assertThat(read.get("requestId")).hasToString("id-1");
        assertThat(read.get("payload")).hasToString("{\"text\": \"win a prize now\"}");
        assertThat(read.get("origin")).hasToString("{\"topic\": \"mail.received\", \"partition\": 3, \"offset\": 42}");
    }

    @Test
    void weReadWhatFlinkWrites() {
        Schema schema = schema(Origin.getClassSchema().toString());
        GenericRecord origin = new GenericData.Record(schema);
        origin.put("topic", "mails");
        origin.put("partition", 1);
        origin.put("offset", 2L);
        var flink = ConfluentRegistryAvroSerializationSchema.forGeneric("origins-value", schema, server.url());

        byte[] record = flink.serialize(origin);

        assertThat(AvroDeserializer.of(registry, Origin.class).deserialize("origins", record))
                .isEqualTo(new Origin("mails", 1, 2L));
    }

    private static Schema schema(String text) {
        return new Schema.Parser().parse(text);
    }
}
