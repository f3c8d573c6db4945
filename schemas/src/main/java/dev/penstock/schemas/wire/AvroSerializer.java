package dev.penstock.schemas.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes generated or generic Avro records in the Confluent wire format, registering their schema under the topic's
 * subject at first use. For one thread at a time, as Kafka's clients use it.
 */
public final class AvroSerializer<T extends GenericContainer> implements Serializer<T> {
    /** Room for it: the id is written when the rest is. */
    private static final byte[] NO_HEADER = new byte[WireFormat.HEADER_BYTES];

    private final SchemaRegistry registry;
    private final Map<Schema, DatumWriter<T>> writers = new HashMap<>();
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    private @Nullable BinaryEncoder encoder;
    /** Nearly always the next record has it too. */
    private @Nullable Registered last;

    private record Registered(String topic, Schema schema, int id) {}

    public AvroSerializer(SchemaRegistry registry) {
        this.registry = registry;
    }

    /**
     * @return the framed record; null for null, which compacted topics read as a deletion
     * @throws SerializationException if the record does not fit its own schema, or the registry refuses that schema
     */
    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T value) {
        if (value == null) {
            return null;
        }
        Schema schema = value.getSchema();
        int id = id(topic, schema);
        buffer.reset();
        buffer.write(NO_HEADER, 0, NO_HEADER.length);
        encoder = EncoderFactory.get().binaryEncoder(buffer, encoder);
        try {
            writers.computeIfAbsent(schema, written -> writer(written, value)).write(value, encoder);
            encoder.flush();
        } catch (IOException | RuntimeException e) {
            encoder = null; // It holds what was written so far, and would begin the next record with it.
            throw new SerializationException(
                    "Cannot write %s for topic '%s': %s".formatted(schema.getFullName(), topic, e.getMessage()), e);
        }
        byte[] record = buffer.toByteArray();
        WireFormat.writeHeader(record, id);
        return record;
    }

    private int id(String topic, Schema schema) {
        Registered known = last;
        if (known == null || !known.schema().equals(schema) || !known.topic().equals(topic)) {
            known = new Registered(topic, schema, registry.register(SchemaRegistry.subjectOf(topic), schema));
            last = known;
        }
        return known.id();
    }

    private DatumWriter<T> writer(Schema schema, T value) {
        return value instanceof SpecificRecord
                ? new SpecificDatumWriter<>(schema, SpecificData.getForSchema(schema))
                : new GenericDatumWriter<>(schema, GenericData.get());
    }
}
