package dev.penstock.schemas.wire;

import java.time.Duration;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads topics that others write into as well: one record that is no record of ours must not end every reading. */
public final class Polling {
    private static final Logger LOG = LoggerFactory.getLogger(Polling.class);

    private Polling() {}

    /**
     * Polls once, stepping over records that can never be decoded, with a line in the log for each.
     *
     * @param timeout for which it waits at most if there is nothing to read
     * @throws RecordDeserializationException if one cannot be decoded now, since the registry does not answer
     */
    public static <T> ConsumerRecords<String, T> poll(Consumer<String, T> consumer, Duration timeout) {
        while (true) {
            try {
                return consumer.poll(timeout);
            } catch (RecordDeserializationException e) {
                if (!(e.getCause() instanceof MalformedRecordException)
                        && !(e.getCause() instanceof UnknownSchemaException)) {
                    throw e;
                }
                LOG.warn(
                        "Skipping offset {} of {}: {}",
                        e.offset(),
                        e.topicPartition(),
                        e.getCause().getMessage());
                consumer.seek(e.topicPartition(), e.offset() + 1);
            }
        }
    }
}
