package dev.penstock.schemas.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

/** Records put together byte by byte, as a writer that is not ours does, or one that means harm. */
final class HandMade {
    private final SchemaRegistryClient client;

    HandMade(SchemaRegistryClient client) {
        this.client = client;
    }

    interface Body {
        void write(BinaryEncoder encoder) throws IOException;
    }

    /** The schema's text is registered as it is; the body need not fit it. */
    byte[] record(String schema, Body body) {
        try {
            int id = client.register("hand-made-value", new AvroSchema(schema));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(0);
            bytes.write(id >>> 24);
            bytes.write(id >>> 16);
            bytes.write(id >>> 8);
            bytes.write(id);
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            body.write(encoder);
            encoder.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RestClientException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A value of the schema's, as Avro itself encodes it. */
    byte[] record(Schema schema, Object value) {
        return record(
                schema.toString(), encoder -> new GenericDatumWriter<>(new Schema.Parser().parse(schema.toString()))
                        .write(value, encoder));
    }
}
