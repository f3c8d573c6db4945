package dev.penstock.models.preprocessing.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files chunk by chunk, right ones and wrong ones. */
public final class PngBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public PngBytes() {
        bytes.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    }

    /** A whole file with a header of these values and these rows, each of which starts with its filter. */
    public static byte[] of(int width, int height, int bitDepth, int colourType, byte[] rows) {
        return new PngBytes()
                .header(width, height, bitDepth, colourType, 0)
                .data(rows)
                .end();
    }

    public PngBytes header(int width, int height, int bitDepth, int colourType, int interlace) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) bitDepth)
                        .put((byte) colourType)
                        .putShort((short) 0)
                        .put((byte) interlace)
                        .array());
    }

    public PngBytes data(byte[] rows) {
        return chunk("IDAT", deflated(rows));
    }

    public static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater();
        deflater.setInput(content);
        deflater.finish();
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        while (!deflater.finished()) {
            deflated.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return deflated.toByteArray();
    }

    public PngBytes chunk(String type, byte... content) {
        byte[] typed = ByteBuffer.allocate(4 + content.length)
                .put(type.getBytes(US_ASCII))
                .put(content)
                .array();
        CRC32 crc = new CRC32();
        crc.update(typed);
        return raw(ByteBuffer.allocate(8 + typed.length)
                .putInt(content.length)
                .put(typed)
                .putInt((int) crc.getValue())
                .array());
    }

    public PngBytes raw(byte... content) {
        bytes.writeBytes(content);
        return this;
    }

    public byte[] end() {
        return chunk("IEND").bytes.toByteArray();
    }

    public byte[] withoutEnd() {
        return bytes.toByteArray();
    }
}
