package dev.penstock.rollout.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Decodes the records of one topic. What cannot be read or used goes to {@link #DEAD_LETTERS}. */
public abstract class ReadRecords<T extends SpecificRecord & GenericContainer, O>
        extends ProcessFunction<InputRecord, O> {
    public static final OutputTag<OutputRecord> DEAD_LETTERS =
            new OutputTag<>("dead-letters", TypeInformation.of(OutputRecord.class));

    private static final String COMPONENT = "rollout";
    private static final int LONGEST_REASON = 1_000;

    private final Class<T> type;
    private final RegistryConnection registry;
    private transient AvroDeserializer<T> deserializer;
    private transient Counter ofUnknownModels;

    protected ReadRecords(Class<T> type, RegistryConnection registry) {
        this.type = type;
        this.registry = registry;
    }

    /** A record that nobody can use, and why. */
    protected static final class UnusableException extends Exception {
        private final DeadLetterCode code;

        public UnusableException(DeadLetterCode code, String message) {
            super(message);
            this.code = code;
        }
    }

    /** @throws UnusableException if it must become a dead letter */
    protected abstract void read(InputRecord record, T value, Context context, Collector<O> out)
            throws UnusableException;

    @Override
    public void open(OpenContext context) throws Exception {
        deserializer = AvroDeserializer.of(registry.open(), type);
        ofUnknownModels = getRuntimeContext().getMetricGroup().counter("records-of-unknown-models");
    }

    /** Of a model that no pipeline asks: whoever may write into a topic can invent names, of which nothing is kept. */
    protected final void leaveOutUnknownModel() {
        ofUnknownModels.inc();
    }

    /** Records that were left out since they are of models that no pipeline asks. */
    public final long unknownModels() {
        return ofUnknownModels.getCount();
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<O> out) {
        try {
            T value = deserializer.deserialize(record.topic(), record.value());
            if (value == null) {
                withoutValue(record, context);
            } else {
                read(record, value, context, out);
            }
        } catch (MalformedRecordException e) {
            bury(record, DeadLetterCode.MALFORMED_RECORD, e, context);
        } catch (UnknownSchemaException e) {
            bury(record, DeadLetterCode.UNKNOWN_SCHEMA, e, context);
        } catch (UnusableException e) {
            bury(record, e.code, e, context);
        }
    }

    /** Compacted topics forget a key so; in any other it is a mistake. */
    private void withoutValue(InputRecord record, Context context) {
        boolean isCompacted = Topic.named(record.topic())
                .map(topic -> topic.settings().containsValue("compact"))
                .orElse(false);
        if (!isCompacted) {
            bury(
                    record,
                    DeadLetterCode.MALFORMED_RECORD,
                    new UnusableException(
                            DeadLetterCode.MALFORMED_RECORD,
                            "Cannot use a record of topic '%s' without a value".formatted(record.topic())),
                    context);
        }
    }

    private void bury(InputRecord record, DeadLetterCode code, Exception cause, Context context) {
        String message = String.valueOf(cause.getMessage());
        DeadLetter letter = new DeadLetter(
                code,
                message.length() <= LONGEST_REASON ? message : message.substring(0, LONGEST_REASON) + "…",
                cause instanceof UnusableException ? "" : cause.getClass().getName(),
                new Origin(record.topic(), record.partition(), record.offset()),
                Optional.empty(),
                COMPONENT,
                Optional.empty(),
                Optional.empty());
        Map<String, String> headers = new LinkedHashMap<>();
        letter.toHeaders().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        String topic = Topic.DEAD_LETTERS.topicName();
        int bytes = record.value() == null ? 0 : record.value().length;
        if (bytes <= Topic.LARGE_RECORD_BYTES) {
            context.output(DEAD_LETTERS, new OutputRecord(topic, record.key(), record.value(), headers));
        } else {
            headers.put(DeadLetter.OMITTED_BYTES, Integer.toString(bytes));
            byte @Nullable [] none = null;
            context.output(DEAD_LETTERS, new OutputRecord(topic, none, none, headers));
        }
    }
}
