package dev.penstock.retrain.labels;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.retrain.labels.LabelPart.Kind;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Tells what request a record is about. Feedback that cannot be used goes to {@link #DEAD_LETTERS}; of requests that cannot
 * be read the inference job has written dead letters already, so here they are only counted.
 */
public final class ReadLabelParts extends ProcessFunction<InputRecord, LabelPart> {
    public static final OutputTag<OutputRecord> DEAD_LETTERS =
            new OutputTag<>("feedback-dead-letters", TypeInformation.of(OutputRecord.class));

    private static final String COMPONENT = "retrain";
    private static final int LONGEST_REASON = 1_000;

    private final RegistryConnection registry;
    private final List<LearntPipeline> pipelines;

    private transient AvroDeserializer<InferenceRequest> requests;
    private transient AvroDeserializer<Prediction> predictions;
    private transient AvroDeserializer<Feedback> feedback;
    private transient Set<String> known;
    private transient Counter unreadable;
    private transient Counter strange;

    /** @param pipelines to learn from; what is about others is left alone */
    public ReadLabelParts(RegistryConnection registry, List<LearntPipeline> pipelines) {
        this.registry = registry;
        this.pipelines = List.copyOf(pipelines);
    }

    @Override
    public void open(OpenContext context) {
        SchemaRegistry opened = registry.open();
        requests = AvroDeserializer.ofRequests(opened);
        predictions = AvroDeserializer.of(opened, Prediction.class);
        feedback = AvroDeserializer.of(opened, Feedback.class);
        known = new HashSet<>();
        pipelines.forEach(pipeline -> known.add(pipeline.name()));
        unreadable = getRuntimeContext().getMetricGroup().counter("unreadable-records");
        strange = getRuntimeContext().getMetricGroup().counter("records-of-unknown-pipelines");
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<LabelPart> out) {
        boolean isFeedback = record.topic().equals(Topic.FEEDBACK.topicName());
        try {
            if (isFeedback) {
                readFeedback(record, context, out);
            } else if (record.topic().equals(Topic.PREDICTIONS.topicName())) {
                readPrediction(record, out);
            } else {
                readRequest(record, out);
            }
        } catch (MalformedRecordException | UnknownSchemaException e) {
            unreadable.inc();
            if (isFeedback) {
                DeadLetterCode code = e instanceof UnknownSchemaException
                        ? DeadLetterCode.UNKNOWN_SCHEMA
                        : DeadLetterCode.MALFORMED_RECORD;
                context.output(DEAD_LETTERS, letter(record, code, String.valueOf(e.getMessage()), e));
            }
        }
    }

    private void readFeedback(InputRecord record, Context context, Collector<LabelPart> out) {
        Feedback said = feedback.deserialize(record.topic(), record.value());
        if (said == null) {
            unreadable.inc();
            context.output(
                    DEAD_LETTERS,
                    letter(record, DeadLetterCode.MALFORMED_RECORD, "Cannot use feedback without a value", null));
        } else if (said.getRequestId().isEmpty() || said.getLabel().isEmpty()) {
            unreadable.inc();
            context.output(
                    DEAD_LETTERS,
                    letter(
                            record,
                            DeadLetterCode.INVALID_ID,
                            "Cannot use feedback whose %s is empty; say what it is about and what that is"
                                    .formatted(said.getLabel().isEmpty() ? "label" : "requestId"),
                            null));
        } else {
            pass(said.getPipeline(), said.getRequestId(), Kind.LABEL, said.getSaidAt(), record, out);
        }
    }

    private void readPrediction(InputRecord record, Collector<LabelPart> out) {
        Prediction decided = predictions.deserialize(record.topic(), record.value());
        if (decided == null) {
            unreadable.inc();
        } else if (decided.getVariant() != Variant.SHADOW) {
            pass(decided.getPipeline(), decided.getRequestId(), Kind.DECISION, decided.getEventTime(), record, out);
        }
    }

    private void readRequest(InputRecord record, Collector<LabelPart> out) {
        InferenceRequest asked = requests.deserialize(record.topic(), record.value());
        if (asked == null) {
            unreadable.inc();
        } else {
            pass(asked.getPipeline(), asked.getRequestId(), Kind.REQUEST, asked.getEventTime(), record, out);
        }
    }

    private void pass(
            String pipeline, String requestId, Kind kind, Instant time, InputRecord record, Collector<LabelPart> out) {
        byte[] value = record.value();
        if (!known.contains(pipeline) || value == null) {
            strange.inc();
        } else {
            out.collect(new LabelPart(pipeline, requestId, kind, record.timestamp(), time.toEpochMilli(), value));
        }
    }

    private static OutputRecord letter(
            InputRecord record, DeadLetterCode code, String reason, @Nullable Throwable cause) {
        DeadLetter letter = new DeadLetter(
                code,
                reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…",
                cause == null ? "" : cause.getClass().getName(),
                new Origin(record.topic(), record.partition(), record.offset()),
                Optional.empty(),
                COMPONENT,
                Optional.empty(),
                Optional.empty());
        Map<String, String> headers = new LinkedHashMap<>();
        letter.toHeaders().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return new OutputRecord(Topic.DEAD_LETTERS.topicName(), record.key(), record.value(), headers);
    }
}
