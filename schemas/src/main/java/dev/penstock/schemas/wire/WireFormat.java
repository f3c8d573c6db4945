package dev.penstock.schemas.wire;

import java.nio.ByteBuffer;

/**
 * Confluent's framing: a zero byte, the schema's id as four bytes, big-endian, and the Avro binary.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format">Confluent's
 *     wire format</a>
 */
final class WireFormat {
    static final byte MAGIC = 0;
    static final int HEADER_BYTES = 1 + Integer.BYTES;

    private WireFormat() {}

    static void writeHeader(byte[] record, int schemaId) {
        ByteBuffer.wrap(record).put(MAGIC).putInt(schemaId);
    }

    /** @throws MalformedRecordException if the record has no such header */
    static int schemaId(byte[] record) {
        if (record.length < HEADER_BYTES) {
            throw new MalformedRecordException(
                    "Cannot read record: it has %d bytes, fewer than the %d of the Confluent header; produce it with a schema-registry serializer"
                            .formatted(record.length, HEADER_BYTES));
        }
        if (record[0] != MAGIC) {
            throw new MalformedRecordException(
                    "Cannot read record: it starts with byte 0x%02x instead of 0x00; produce it with a schema-registry serializer"
                            .formatted(record[0]));
        }
        int id = ByteBuffer.wrap(record, 1, Integer.BYTES).getInt();
        if (id < 0) {
            throw new MalformedRecordException(
                    "Cannot read record: it names schema %d, but ids start at 0; produce it with a schema-registry serializer"
                            .formatted(id));
        }
        return id;
    }
}
