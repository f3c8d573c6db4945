package dev.penstock.schemas.wire;

import dev.penstock.schemas.InferenceRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
    /** Makes the reader of a writer's schema. */
    private interface ReaderOf<T> {
        Reader<T> reading(Schema writer);
    }

    /** Reads what comes after the header. */
    private interface Reader<T> {
        /** @return empty if bytes are left behind the value */
        Optional<T> read(byte[] record) throws IOException;
    }

    private final SchemaRegistry registry;
    private final ReaderOf<T> readerOf;
    private final Map<Integer, Reader<T>> readers = new HashMap<>();

    private AvroDeserializer(SchemaRegistry registry, ReaderOf<T> readerOf) {
        this.registry = registry;
        this.readerOf = readerOf;
    }

    /** Reads into a generated class; fields that the writer did not know have their defaults. */
    public static <T extends SpecificRecord & GenericContainer> AvroDeserializer<T> of(
            SchemaRegistry registry, Class<T> type) {
        BoundedDecoder decoder = new BoundedDecoder();
        return new AvroDeserializer<>(registry, writer -> specific(type, writer, decoder));
    }

    /**
     * Reads requests with less work for each: the bytes of their payloads are the record's own, not copies. Writers of
     * other versions are read as by {@link #of}.
     */
    public static AvroDeserializer<InferenceRequest> ofRequests(SchemaRegistry registry) {
        BoundedDecoder decoder = new BoundedDecoder();
        InferenceRequestReader requests = new InferenceRequestReader();
        return new AvroDeserializer<>(
                registry,
                writer -> InferenceRequestReader.reads(writer)
                        ? record -> {
                            InferenceRequest request = requests.read(record, WireFormat.HEADER_BYTES);
                            return requests.isEnd() ? Optional.of(request) : Optional.empty();
                        }
                        : specific(InferenceRequest.class, writer, decoder));
    }

    /** Reads any schema as it was written; logical types stay the plain values beneath them. */
    public static AvroDeserializer<GenericRecord> generic(SchemaRegistry registry) {
        BoundedDecoder decoder = new BoundedDecoder();
        return new AvroDeserializer<>(
                registry,
                writer -> reader(new GenericDatumReader<>(writer, writer, new BoundedData(decoder)), decoder));
    }

    private static <T extends SpecificRecord & GenericContainer> Reader<T> specific(
            Class<T> type, Schema writer, BoundedDecoder decoder) {
        SpecificData data = SpecificData.getForClass(type);
        return reader(new SpecificDatumReader<>(writer, data.getSchema(type), data), decoder);
    }

    private static <T> Reader<T> reader(DatumReader<T> reader, BoundedDecoder decoder) {
        return record -> {
            decoder.start(record, WireFormat.HEADER_BYTES);
            T value = reader.read(null, decoder);
            return decoder.isEnd() ? Optional.of(value) : Optional.empty();
        };
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
        Reader<T> reader = readers.get(id);
        if (reader == null) {
            reader = reader(id);
            readers.put(id, reader);
        }
        try {
            return reader.read(record)
                    .orElseThrow(() -> new MalformedRecordException(
                            "Cannot read record of topic '%s': bytes are left after the value that schema %d describes"
                                    .formatted(topic, id)));
        } catch (MalformedRecordException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // A schema that nests in itself lets a record nest as deep as it has bytes.
            throw new MalformedRecordException(
                    "Cannot read record of topic '%s' with schema %d: %s".formatted(topic, id, describe(e)), e);
        }
    }

    private Reader<T> reader(int id) {
        Schema writer = registry.schema(id);
        if (writer.getType() != Schema.Type.RECORD) {
            throw new MalformedRecordException(
                    "Cannot read record: its schema %d is a plain %s, not a record".formatted(id, writer.getType()));
        }
        return readerOf.reading(writer);
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
