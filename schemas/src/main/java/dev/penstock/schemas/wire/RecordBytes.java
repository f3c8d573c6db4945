package dev.penstock.schemas.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.InvalidNumberEncodingException;

/**
 * Avro's binary encoding, read from the bytes of one record after the other without copying what need not be copied. As
 * {@link BoundedDecoder}, it believes no length that the record has too few bytes for. For one thread at a time.
 */
final class RecordBytes {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LONGEST_INT = 5;
    private static final int LONGEST_LONG = 10;

    private byte[] bytes = {};
    private int at;

    /** Starts on another record. */
    void start(byte[] record, int offset) {
        bytes = record;
        at = offset;
    }

    boolean isEnd() {
        return at == bytes.length;
    }

    int readInt() throws IOException {
        return (int) unzigzag(varint(LONGEST_INT) & 0xFFFF_FFFFL);
    }

    long readLong() throws IOException {
        return unzigzag(varint(LONGEST_LONG));
    }

    private static long unzigzag(long encoded) {
        return (encoded >>> 1) ^ -(encoded & 1);
    }

    /** Seven bits a byte, the lowest first; each byte but the last has its highest bit set. */
    private long varint(int longest) throws IOException {
        long value = 0;
        for (int index = 0; index < longest; index++) {
            if (at == bytes.length) {
                throw new EOFException("it ends within a number");
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << (7 * index);
            if (next >= 0) {
                return value;
            }
        }
        throw new InvalidNumberEncodingException("a number has more than %d bytes".formatted(longest));
    }

    double readDouble() throws IOException {
        int start = skip(Double.BYTES);
        return Double.longBitsToDouble((long) LONGS.get(bytes, start));
    }

    String readString() throws IOException {
        int length = readLength();
        return new String(bytes, skip(length), length, UTF_8);
    }

    /** Shares its memory with the record. */
    ByteBuffer readBytes() throws IOException {
        int length = readLength();
        return ByteBuffer.wrap(bytes, skip(length), length).slice();
    }

    private int readLength() throws IOException {
        long length = readLong();
        if (length < 0 || length > bytes.length - at) {
            throw new EOFException("a value claims %d bytes where %d are left".formatted(length, bytes.length - at));
        }
        return (int) length;
    }

    /** @return where the skipped bytes begin */
    private int skip(int length) throws IOException {
        if (length > bytes.length - at) {
            throw new EOFException("a value needs %d bytes where %d are left".formatted(length, bytes.length - at));
        }
        int start = at;
        at += length;
        return start;
    }

    /** @return the place of the union's branch, below {@code branches} */
    int readBranch(int branches) throws IOException {
        int branch = readInt();
        if (branch < 0 || branch >= branches) {
            throw new IOException("a union of %d branches has no branch %d".formatted(branches, branch));
        }
        return branch;
    }

    interface ValueOf<T> {
        T read() throws IOException;
    }

    <T> Map<String, T> readMap(ValueOf<T> values) throws IOException {
        long left = readItems();
        if (left == 0) {
            return Map.of(); // As most requests' attributes are.
        }
        Map<String, T> map = new HashMap<>();
        for (; left > 0; left = readItems()) {
            for (; left > 0; left--) {
                map.put(readString(), values.read());
            }
        }
        return map;
    }

    /** Items of the next block; 0 behind the last. An item takes a byte or more, so that a false count ends soon. */
    private long readItems() throws IOException {
        long items = readLong();
        if (items < 0) {
            // Then the block's size in bytes comes too, for whoever wants to skip it.
            readLong();
            items = -items;
        }
        if (items < 0 || items > bytes.length - at) {
            throw new EOFException(
                    "a collection claims %d items where %d bytes are left".formatted(items, bytes.length - at));
        }
        return items;
    }
}
