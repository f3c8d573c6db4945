package dev.penstock.cli.demo.events;

import java.util.Optional;
import org.apache.avro.generic.GenericRecord;

/**
 * One event to send, and what is known about it beforehand.
 *
 * @param id as the source's schema has it
 * @param key of the source record
 * @param label the truth, where there is one: not for broken events
 * @param fault what is wrong with it on purpose, if anything is
 */
public record DemoEvent(String id, String key, Content content, Optional<String> label, Optional<String> fault) {
    /** What is written as the record's value. */
    public sealed interface Content {
        record Written(GenericRecord value) implements Content {}

        /** Bytes that no serializer would write. */
        @SuppressWarnings("ArrayRecordComponent") // Made once, sent once.
        record Raw(byte[] value) implements Content {}
    }

    static DemoEvent good(String id, String key, GenericRecord value, String label) {
        return new DemoEvent(id, key, new Content.Written(value), Optional.of(label), Optional.empty());
    }

    static DemoEvent broken(String id, String key, GenericRecord value, String fault) {
        return new DemoEvent(id, key, new Content.Written(value), Optional.empty(), Optional.of(fault));
    }

    static DemoEvent raw(String id, String key, byte[] value, String fault) {
        return new DemoEvent(id, key, new Content.Raw(value), Optional.empty(), Optional.of(fault));
    }

    /** The same event once more, as a producer that retries would send it. */
    DemoEvent again() {
        return new DemoEvent(id, key, content, label, Optional.of("sent twice"));
    }
}
