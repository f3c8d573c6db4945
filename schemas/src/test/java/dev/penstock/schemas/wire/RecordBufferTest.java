package dev.penstock.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class RecordBufferTest {
    private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
    private final BinaryEncoder avro = EncoderFactory.get().directBinaryEncoder(expected, null);
    private final RecordBuffer buffer = new RecordBuffer();

    @Test
    void writesWhatAvroWrites() throws IOException {
        Random random = new Random(17);
        buffer.startPart();

        for (int value = 0; value < 10_000; value++) {
            long number = random.nextLong() >> random.nextInt(Long.SIZE);
            String text = "é".repeat(random.nextInt(3)) + "text-" + number;
            avro.writeLong(number);
            int narrowed = (int) number;
            avro.writeInt(narrowed);
            avro.writeIndex((int) number & 7);
            avro.writeEnum((int) number & 3);
            avro.writeFloat(Float.intBitsToFloat((int) number));
            avro.writeDouble(Double.longBitsToDouble(number));
            avro.writeString(text);
            buffer.writeLong(number)
                    .writeLong(narrowed)
                    .writeLong((int) number & 7)
                    .writeLong((int) number & 3)
                    .writeFloat(Float.intBitsToFloat((int) number))
                    .writeDouble(Double.longBitsToDouble(number))
                    .writeString(text);
        }

        assertThat(buffer.toByteArray()).isEqualTo(expected.toByteArray());
    }

    @Test
    void startsAgainWithAHeaderAndNothingElse() {
        buffer.start(1).writeString("what was before");

        byte[] record = buffer.start(0x01020304).writePart(new byte[] {5, 6}).toByteArray();

        assertThat(record).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }

    @Test
    void fillsInAFloatThatAPartLeftRoomFor() throws IOException {
        avro.writeLong(3);
        avro.writeFloat(0.25f);
        avro.writeLong(4);
        buffer.startPart().writeLong(3);
        int at = buffer.length();
        buffer.writeFloat(0).writeLong(4);

        buffer.setFloat(at, 0.25f);

        assertThat(buffer.toByteArray()).isEqualTo(expected.toByteArray());
        assertThatThrownBy(() -> buffer.setFloat(buffer.length() - 3, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void growsToWhatIsWritten() {
        byte[] large = new byte[100_000];
        Arrays.fill(large, (byte) 7);

        assertThat(buffer.startPart().writePart(large).writePart(large).toByteArray())
                .hasSize(200_000)
                .containsOnly(7);
    }
}
