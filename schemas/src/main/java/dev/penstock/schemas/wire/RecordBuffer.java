package dev.penstock.schemas.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A record in the Confluent wire format while it is being written, one value after the other in the order of its
 * schema. For those few that are written so often that Avro's own way, which looks at the schema for each value, is too
 * dear; whoever uses it proves by tests that Avro reads what it writes. For one thread at a time.
 */
public final class RecordBuffer {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int FIRST_BYTES = 512;
    private static final int LONGEST_LONG = 10;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;

    /** Starts on another record. */
    public RecordBuffer start(int schemaId) {
        length = WireFormat.HEADER_BYTES;
        WireFormat.writeHeader(bytes, schemaId);
        return this;
    }

    /** Starts on a part of a record, which has no header. */
    public RecordBuffer startPart() {
        length = 0;
        return this;
    }

    /** Also for an int, the place of an enum's symbol or a union's branch, and the number of items in a block. */
    public RecordBuffer writeLong(long value) {
        reserve(LONGEST_LONG);
        long left = (value << 1) ^ (value >> 63);
        while ((left & ~0x7FL) != 0) {
            bytes[length++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[length++] = (byte) left;
        return this;
    }

    public RecordBuffer writeFloat(float value) {
        reserve(Float.BYTES);
        INTS.set(bytes, length, Float.floatToRawIntBits(value));
        length += Float.BYTES;
        return this;
    }

    public RecordBuffer writeDouble(double value) {
        reserve(Double.BYTES);
        LONGS.set(bytes, length, Double.doubleToRawLongBits(value));
        length += Double.BYTES;
        return this;
    }

    public RecordBuffer writeString(String text) {
        return writeString(text.getBytes(UTF_8));
    }

    public RecordBuffer writeString(byte[] utf8) {
        return writeLong(utf8.length).writePart(utf8);
    }

    /** Appends what was encoded before. */
    public RecordBuffer writePart(byte[] part) {
        reserve(part.length);
        System.arraycopy(part, 0, bytes, length, part.length);
        length += part.length;
        return this;
    }

    /** Bytes that were written since the start. */
    public int length() {
        return length;
    }

    /** Fills in what {@link #writePart} left room for. */
    public RecordBuffer setFloat(int at, float value) {
        Objects.checkFromIndexSize(at, Float.BYTES, length);
        INTS.set(bytes, at, Float.floatToRawIntBits(value));
        return this;
    }

    private void reserve(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /** A copy of what was written since the start. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }
}
