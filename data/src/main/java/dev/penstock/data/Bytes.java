package dev.penstock.data;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;

/** An immutable sequence of bytes: a picture or a sound, encoded as it would travel in a message. */
public final class Bytes {
    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /** The bytes that the array has now; later changes to the array have no effect. */
    public static Bytes copyOf(byte[] content) {
        return new Bytes(content.clone());
    }

    public int length() {
        return content.length;
    }

    /** A fresh copy, which the caller may change. */
    public byte[] toArray() {
        return content.clone();
    }

    /** The bytes from the first on, for decoders that read streams; it needs no closing. */
    public InputStream newInputStream() {
        return new ByteArrayInputStream(content);
    }

    boolean startsWith(Bytes prefix) {
        return length() >= prefix.length()
                && Arrays.equals(content, 0, prefix.length(), prefix.content, 0, prefix.length());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return length() + " bytes";
    }
}
