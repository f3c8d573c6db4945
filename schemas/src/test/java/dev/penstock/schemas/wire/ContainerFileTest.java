package dev.penstock.schemas.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.TextPayload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

class ContainerFileTest {
    private static final Schema SCHEMA = GoldenExample.getClassSchema();
    private static final List<GoldenExample> EXAMPLES = List.of(
            new GoldenExample(new TextPayload("one"), Map.of("yes", 0.5f)),
            new GoldenExample(new TextPayload("two".repeat(1_000)), Map.of("yes", 0.25f)));

    private static byte[] written(CodecFactory codec) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (DataFileWriter<GoldenExample> writer = new DataFileWriter<>(new SpecificDatumWriter<>(SCHEMA));
                DataFileWriter<GoldenExample> opened = writer.setCodec(codec).create(SCHEMA, file)) {
            for (GoldenExample example : EXAMPLES) {
                opened.append(example);
                opened.sync();
            }
        }
        return file.toByteArray();
    }

    /** @param blocks what follows the header: counts, sizes and bytes */
    private static byte[] file(Map<String, String> header, Object... blocks) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {'O', 'b', 'j', 1});
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(file, null);
        encoder.writeMapStart();
        encoder.setItemCount(header.size());
        for (Map.Entry<String, String> entry : header.entrySet()) {
            encoder.startItem();
            encoder.writeString(entry.getKey());
            encoder.writeBytes(ByteBuffer.wrap(entry.getValue().getBytes(UTF_8)));
        }
        encoder.writeMapEnd();
        encoder.writeFixed(new byte[16]);
        for (Object part : blocks) {
            if (part instanceof Long number) {
                encoder.writeLong(number);
            } else {
                encoder.writeFixed((byte[]) part);
            }
        }
        encoder.flush();
        return file.toByteArray();
    }

    private static void assertRefused(byte[] file, String words) {
        assertThatThrownBy(() -> ContainerFile.read(file, GoldenExample.class, 100_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(words);
    }

    @Test
    void readsWhatAvroWrites() throws IOException {
        for (CodecFactory codec : List.of(CodecFactory.nullCodec(), CodecFactory.deflateCodec(9))) {
            assertThat(ContainerFile.read(written(codec), GoldenExample.class, 100_000))
                    .isEqualTo(EXAMPLES);
        }
    }

    @Test
    void believesNoLength() throws IOException {
        Map<String, String> header = Map.of("avro.schema", SCHEMA.toString());

        assertRefused(file(header, 1L, 2_000_000_000L), "claims 2000000000 bytes");
        assertRefused(file(header, 1L, -1L), "claims -1 bytes");
        assertRefused(file(header, Long.MAX_VALUE, 1L, new byte[1], new byte[16]), "records in 1 bytes");
        ByteArrayOutputStream huge = new ByteArrayOutputStream();
        huge.write(new byte[] {'O', 'b', 'j', 1});
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(huge, null);
        encoder.writeLong(1);
        encoder.writeLong(2_000_000_000L);
        assertRefused(huge.toByteArray(), "claims 2000000000 bytes");
    }

    @Test
    void unpacksNoMoreThanIsAllowed() throws IOException {
        byte[] file = written(CodecFactory.deflateCodec(9));

        assertThatThrownBy(() -> ContainerFile.read(file, GoldenExample.class, 1_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than is allowed");
    }

    @Test
    void saysWhatItCannotRead() throws IOException {
        assertRefused(new byte[0], "not an Avro data file");
        assertRefused("no avro at all".getBytes(UTF_8), "not an Avro data file");
        assertRefused(written(CodecFactory.bzip2Codec()), "compressed by 'bzip2'");
        assertRefused(file(Map.of("avro.schema", "no schema")), "Unrecognized token 'no'");
        assertRefused(
                file(
                        Map.of("avro.schema", "{\"type\": \"record\", \"name\": \"Other\", \"fields\": []}"),
                        1L,
                        1L,
                        new byte[1],
                        new byte[16]),
                "Other");
    }

    @Test
    void survivesAnyDamage() throws IOException {
        byte[] whole = written(CodecFactory.deflateCodec(1));
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = Arrays.copyOf(whole, round % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int change = 0; change < 1 + round % 4 && damaged.length > 0; change++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(ContainerFile.read(damaged, GoldenExample.class, 100_000))
                        .hasSizeLessThanOrEqualTo(damaged.length);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotNull();
            }
        }
    }
}
