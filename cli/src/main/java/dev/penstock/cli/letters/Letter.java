package dev.penstock.cli.letters;

import dev.penstock.cli.watching.PartitionOffset;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A dead letter in its topic.
 *
 * @param record the original's key, bytes and headers, with the letter's own headers beside them
 * @param content what those say
 */
record Letter(ConsumerRecord<byte[], byte[]> record, DeadLetter content) {
    /** Empty for a record that somebody else wrote there. */
    static Optional<Letter> of(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(new Letter(record, DeadLetter.read(record.headers())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    PartitionOffset place() {
        return new PartitionOffset(record.partition(), record.offset());
    }

    /** By its record: ingest keeps the original's time, the jobs write when they gave up. */
    Instant time() {
        return Instant.ofEpochMilli(record.timestamp());
    }

    /** Where the record is that this is the copy of. */
    Origin from() {
        return content.from();
    }

    OptionalLong omittedBytes() {
        return DeadLetter.omittedBytes(record.headers());
    }

    /** Bytes of the original's value. */
    long bytes() {
        return omittedBytes().orElse(record.value() == null ? 0 : record.value().length);
    }
}
