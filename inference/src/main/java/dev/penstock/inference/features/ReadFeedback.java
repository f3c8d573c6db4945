package dev.penstock.inference.features;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.requests.DeadLetters;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Decodes feedback. What cannot be used goes to {@link #DEAD_LETTERS}. */
final class ReadFeedback extends ProcessFunction<InputRecord, GivenFeedback> {
    static final OutputTag<OutputRecord> DEAD_LETTERS =
            new OutputTag<>("feedback-dead-letters", TypeInformation.of(OutputRecord.class));

    private final RegistryConnection registry;
    private transient AvroDeserializer<Feedback> deserializer;

    ReadFeedback(RegistryConnection registry) {
        this.registry = registry;
    }

    @Override
    public void open(OpenContext context) {
        deserializer = AvroDeserializer.of(registry.open(), Feedback.class);
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<GivenFeedback> out) {
        Feedback feedback;
        try {
            feedback = deserializer.deserialize(record.topic(), record.value());
        } catch (MalformedRecordException e) {
            context.output(DEAD_LETTERS, letter(record, DeadLetterCode.MALFORMED_RECORD, e.getMessage(), e));
            return;
        } catch (UnknownSchemaException e) {
            context.output(DEAD_LETTERS, letter(record, DeadLetterCode.UNKNOWN_SCHEMA, e.getMessage(), e));
            return;
        }
        if (feedback == null) {
            context.output(
                    DEAD_LETTERS,
                    letter(record, DeadLetterCode.MALFORMED_RECORD, "Cannot use feedback without a value", null));
        } else if (feedback.getRequestId().isEmpty() || feedback.getLabel().isEmpty()) {
            context.output(
                    DEAD_LETTERS,
                    letter(
                            record,
                            DeadLetterCode.INVALID_ID,
                            "Cannot use feedback whose %s is empty; say what it is about and what that is"
                                    .formatted(feedback.getLabel().isEmpty() ? "label" : "requestId"),
                            null));
        } else {
            out.collect(GivenFeedback.of(feedback));
        }
    }

    private static OutputRecord letter(
            InputRecord record, DeadLetterCode code, String reason, @Nullable Throwable cause) {
        return DeadLetters.of(record, Optional.empty(), code, reason, cause);
    }
}
