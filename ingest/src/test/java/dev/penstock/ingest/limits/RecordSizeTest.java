package dev.penstock.ingest.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.Test;

class RecordSizeTest {
    @Test
    void isAtLeastWhatKafkaWritesAndNotMuchMore() {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            byte[] key = random.nextInt(5) == 0 ? null : new byte[random.nextInt(300)];
            byte[] value = random.nextInt(5) == 0 ? null : new byte[random.nextInt(100_000)];
            Headers headers = new RecordHeaders();
            for (int header = random.nextInt(4); header > 0; header--) {
                headers.add(
                        "größe".repeat(random.nextInt(5)), random.nextBoolean() ? null : new byte[random.nextInt(500)]);
            }
            int written = MemoryRecords.withRecords(
                            Compression.NONE, new SimpleRecord(Long.MAX_VALUE, key, value, headers.toArray()))
                    .sizeInBytes();

            assertThat(RecordSize.upperBound(key, value, headers)).isBetween((long) written, written + 100L);
        }
    }
}
