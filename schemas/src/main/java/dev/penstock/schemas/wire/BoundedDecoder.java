package dev.penstock.schemas.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Avro's binary decoder for one record at a time, which believes no length that the record has too few bytes for.
 *
 * <p>Avro's own allocates what a length claims before it looks for the bytes, up to a limit that is one for the whole
 * JVM: ten bytes may cost two gigabytes. And it counts through collections whose items take no bytes at all: ten bytes
 * may cost a century. Here a record costs at most a small multiple of its own size.
 */
final class BoundedDecoder extends Decoder {
    private BinaryDecoder in = DecoderFactory.get().binaryDecoder(new byte[0], null);
    /** Items that arrays and maps may still claim: each takes a byte or more, those of nested ones included. */
    private long items;

    /** Starts on another record. */
    void start(byte[] record, int offset) {
        in = DecoderFactory.get().binaryDecoder(record, offset, record.length - offset, in);
        items = (long) record.length - offset;
    }

    boolean isEnd() throws IOException {
        return in.isEnd();
    }

    /** @throws AvroRuntimeException if fewer bytes than this are left */
    int requireBytes(long length) {
        int left;
        try {
            left = in.inputStream().available();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Never: the bytes are in memory.
        }
        if (length < 0 || length > left) {
            throw new AvroRuntimeException("a value claims %d bytes where %d are left".formatted(length, left));
        }
        return (int) length;
    }

    private byte[] readSized() throws IOException {
        byte[] content = new byte[requireBytes(in.readLong())];
        in.readFixed(content);
        return content;
    }

    private long claim(long count) {
        if (count < 0 || count > items) {
            throw new AvroRuntimeException(
                    "a collection claims %d items, more than the record has bytes".formatted(count));
        }
        items -= count;
        return count;
    }

    @Override
    public Utf8 readString(@Nullable Utf8 old) throws IOException {
        return new Utf8(readSized());
    }

    @Override
    public String readString() throws IOException {
        return new String(readSized(), UTF_8);
    }

    @Override
    public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
        return ByteBuffer.wrap(readSized());
    }

    @Override
    public long readArrayStart() throws IOException {
        return claim(in.readArrayStart());
    }

    @Override
    public long arrayNext() throws IOException {
        return claim(in.arrayNext());
    }

    @Override
    public long skipArray() throws IOException {
        return claim(in.skipArray());
    }

    @Override
    public long readMapStart() throws IOException {
        return claim(in.readMapStart());
    }

    @Override
    public long mapNext() throws IOException {
        return claim(in.mapNext());
    }

    @Override
    public long skipMap() throws IOException {
        return claim(in.skipMap());
    }

    @Override
    public void readNull() throws IOException {
        in.readNull();
    }

    @Override
    public boolean readBoolean() throws IOException {
        return in.readBoolean();
    }

    @Override
    public int readInt() throws IOException {
        return in.readInt();
    }

    @Override
    public long readLong() throws IOException {
        return in.readLong();
    }

    @Override
    public float readFloat() throws IOException {
        return in.readFloat();
    }

    @Override
    public double readDouble() throws IOException {
        return in.readDouble();
    }

    @Override
    public void skipString() throws IOException {
        in.skipString();
    }

    @Override
    public void skipBytes() throws IOException {
        in.skipBytes();
    }

    @Override
    public void readFixed(byte[] bytes, int start, int length) throws IOException {
        in.readFixed(bytes, start, length);
    }

    @Override
    public void skipFixed(int length) throws IOException {
        in.skipFixed(length);
    }

    @Override
    public int readEnum() throws IOException {
        return in.readEnum();
    }

    @Override
    public int readIndex() throws IOException {
        return in.readIndex();
    }
}
