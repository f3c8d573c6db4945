package dev.penstock.schemas.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads Avro's object container files that anybody may have written. As for single records, no length is believed that
 * the file has too few bytes for; and blocks unpack to no more than the caller allows.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#object-container-files">the format</a>
 */
public final class ContainerFile {
    private static final byte[] MAGIC = {'O', 'b', 'j', 1};
    private static final int SYNC_BYTES = 16;

    private ContainerFile() {}

    /**
     * @param file its bytes
     * @param mostBytes that all its blocks may have when they are unpacked
     * @throws IOException if they are no such file, or one that has other records, or is compressed otherwise than by
     *     deflate
     */
    public static <T extends SpecificRecord & GenericContainer> List<T> read(byte[] file, Class<T> type, long mostBytes)
            throws IOException {
        try {
            return new Content<>(type, mostBytes).read(file);
        } catch (EOFException e) {
            throw new IOException("it ends early", e);
        } catch (RuntimeException e) {
            // Of damaged schemas Avro throws whatever comes to it, null pointers as well.
            throw new IOException(firstLine(e), e);
        } catch (StackOverflowError e) {
            throw new IOException("its records are nested too deeply", e);
        }
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static final class Content<T extends SpecificRecord & GenericContainer> {
        private final Class<T> type;
        private final BoundedDecoder decoder = new BoundedDecoder();
        private final List<T> records = new ArrayList<>();
        private long bytesLeft;

        Content(Class<T> type, long mostBytes) {
            this.type = type;
            bytesLeft = mostBytes;
        }

        List<T> read(byte[] file) throws IOException {
            if (file.length < MAGIC.length || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
                throw new IOException("it is not an Avro data file");
            }
            BoundedDecoder blocks = new BoundedDecoder();
            blocks.start(file, MAGIC.length);
            Map<String, ByteBuffer> header = header(blocks);
            String codec = text(header.getOrDefault("avro.codec", ByteBuffer.wrap("null".getBytes(UTF_8))));
            SpecificData data = SpecificData.getForClass(type);
            DatumReader<T> reader = new SpecificDatumReader<>(
                    new Schema.Parser().parse(text(header.getOrDefault("avro.schema", ByteBuffer.allocate(0)))),
                    data.getSchema(type),
                    data);
            byte[] sync = bytes(blocks, SYNC_BYTES);
            while (!blocks.isEnd()) {
                long count = blocks.readLong();
                byte[] block = unpacked(codec, bytes(blocks, blocks.requireBytes(blocks.readLong())));
                readRecords(count, block, reader);
                if (!Arrays.equals(sync, bytes(blocks, SYNC_BYTES))) {
                    throw new IOException("it is damaged: a block does not end where it should");
                }
            }
            return records;
        }

        private static Map<String, ByteBuffer> header(BoundedDecoder decoder) throws IOException {
            Map<String, ByteBuffer> header = new HashMap<>();
            for (long entries = decoder.readMapStart(); entries > 0; entries = decoder.mapNext()) {
                for (long entry = 0; entry < entries; entry++) {
                    header.put(decoder.readString(), decoder.readBytes(null));
                }
            }
            return header;
        }

        private static String text(ByteBuffer bytes) {
            return UTF_8.decode(bytes.duplicate()).toString();
        }

        private static byte[] bytes(BoundedDecoder decoder, int count) throws IOException {
            byte[] bytes = new byte[decoder.requireBytes(count)];
            decoder.readFixed(bytes);
            return bytes;
        }

        private byte[] unpacked(String codec, byte[] block) throws IOException {
            byte[] unpacked =
                    switch (codec) {
                        case "null" -> block;
                        case "deflate" -> inflated(block);
                        default ->
                            throw new IOException(
                                    "it is compressed by '%s'; write it uncompressed, or by deflate".formatted(codec));
                    };
            bytesLeft -= unpacked.length;
            if (bytesLeft < 0) {
                throw new IOException("it unpacks to more than is allowed");
            }
            return unpacked;
        }

        private byte[] inflated(byte[] block) throws IOException {
            Inflater inflater = new Inflater(true);
            try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(block), inflater)) {
                return in.readNBytes((int) Math.min(bytesLeft + 1, Integer.MAX_VALUE - 8));
            } finally {
                inflater.end();
            }
        }

        private void readRecords(long count, byte[] block, DatumReader<T> reader) throws IOException {
            if (count < 0 || count > block.length) {
                throw new IOException("a block claims %d records in %d bytes".formatted(count, block.length));
            }
            decoder.start(block, 0);
            for (long record = 0; record < count; record++) {
                records.add(reader.read(null, decoder));
            }
            if (!decoder.isEnd()) {
                throw new IOException("a block has more bytes than its records");
            }
        }
    }
}
