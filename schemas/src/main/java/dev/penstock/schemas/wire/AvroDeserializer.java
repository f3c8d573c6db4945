package dev.penstock.schemas.wire;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records in the Confluent wire format, whatever language wrote them, resolving the writer's schema to the
 * reader's. For one thread at a time, as Kafka's clients use it.
 */
public final class AvroDeserializer<T extends GenericContainer> implements Deserializer<T> {
    private interface ReaderOf<T> {
        DatumReader<T> reading(Schema writer, BoundedDecoder decoder);
    }

    private final SchemaRegistry registry;
    private final ReaderOf<T> readerOf;
    private final Map<Integer, DatumReader<T>> readers = new HashMap<>();
    private final BoundedDecoder decoder = new BoundedDecoder();

    private AvroDeserializer(SchemaRegistry registry, ReaderOf<T> readerOf) {
        this.registry = registry;
        this.readerOf = readerOf;
    }

    /** Reads into a generated class; fields that the writer did not know have their defaults. */
    public static <T extends SpecificRecord & GenericContainer> AvroDeserializer<T> of(
            SchemaRegistry registry, Class<T> type) {
        SpecificData data = SpecificData.getForClass(type);
        Schema reader = data.getSchema(type);
        return new AvroDeserializer<>(registry, (writer, decoder) -> new SpecificDatumReader<>(writer, reader, data));
    }

    /** Reads any schema as it was written; logical types stay the plain values beneath them. */
    public static AvroDeserializer<GenericRecord> generic(SchemaRegistry registry) {
        return new AvroDeserializer<>(
                registry, (writer, decoder) -> new GenericDatumReader<>(writer, writer, new BoundedData(decoder)));
    }

    /**
     * @return null for null, which compacted topics write as a deletion
     * @throws MalformedRecordException if the bytes are not a record of the schema that they name
     * @throws UnknownSchemaException if the registry has no such schema
     * @throws RegistryUnavailableException if the registry does not answer
     */
    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] record) {
        if (record == null) {
            return null;
        }
        int id = WireFormat.schemaId(record);
        DatumReader<T> reader = readers.get(id);
        if (reader == null) {
            reader = reader(id);
            readers.put(id, reader);
        }
        try {
            decoder.start(record, WireFormat.HEADER_BYTES);
            T value = reader.read(null, decoder);
            if (!decoder.isEnd()) {
                throw new MalformedRecordException(
                        "Cannot read record of topic '%s': bytes are left after the value that schema %d describes"
                                .formatted(topic, id));
            }
            return value;
        } catch (MalformedRecordException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // A schema that nests in itself lets a record nest as deep as it has bytes.
            throw new MalformedRecordException(
                    "Cannot read record of topic '%s' with schema %d: %s".formatted(topic, id, describe(e)), e);
        }
    }

    private DatumReader<T> reader(int id) {
        Schema writer = registry.schema(id);
        if (writer.getType() != Schema.Type.RECORD) {
            throw new MalformedRecordException(
                    "Cannot read record: its schema %d is a plain %s, not a record".formatted(id, writer.getType()));
        }
        return readerOf.reading(writer, decoder);
    }

    private static String describe(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Makes a fixed value only where its bytes are there: its size is the writer's word. */
    private static final class BoundedData extends GenericData {
        private final BoundedDecoder bytes;

        BoundedData(BoundedDecoder bytes) {
            this.bytes = bytes;
        }

        @Override
        public Object createFixed(@Nullable Object old, Schema schema) {
            bytes.requireBytes(schema.getFixedSize());
            return super.createFixed(old, schema);
        }
    }
}
