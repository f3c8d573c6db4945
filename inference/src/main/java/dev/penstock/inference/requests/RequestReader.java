package dev.penstock.inference.requests;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.models.features.RollingFeatures;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Decodes a record and finds its pipeline. Anybody may write into a requests topic, so nothing is taken for granted. */
public final class RequestReader {
    /** Characters, as the schema says. */
    private static final int LONGEST_ID = 256;

    private final AvroDeserializer<InferenceRequest> deserializer;
    private final Map<String, PipelineBinding> pipelines = new HashMap<>();
    /** Of each pipeline, in the order of {@link InputRecord#features}. */
    private final Map<String, List<String>> rollingNames = new HashMap<>();

    /** @param pipelines whose requests there may be */
    public RequestReader(SchemaRegistry registry, Collection<PipelineBinding> pipelines) {
        this.deserializer = AvroDeserializer.ofRequests(registry);
        for (PipelineBinding pipeline : pipelines) {
            this.pipelines.put(pipeline.pipeline(), pipeline);
            rollingNames.put(pipeline.pipeline(), pipeline.rollingNames());
        }
    }

    /** @throws dev.penstock.schemas.wire.RegistryUnavailableException if the registry does not answer */
    public Request read(InputRecord record) {
        if (DeadLetters.isTooLarge(record)) {
            return undeliverable(
                    record,
                    null,
                    DeadLetterCode.PAYLOAD_TOO_LARGE,
                    "Cannot score a record of more than %d bytes; its bytes stay where it came from"
                            .formatted(Topic.LARGE_RECORD_BYTES),
                    null);
        }
        InferenceRequest content;
        try {
            content = deserializer.deserialize(record.topic(), record.value());
        } catch (MalformedRecordException e) {
            return undeliverable(record, null, DeadLetterCode.MALFORMED_RECORD, e.getMessage(), e);
        } catch (UnknownSchemaException e) {
            return undeliverable(record, null, DeadLetterCode.UNKNOWN_SCHEMA, e.getMessage(), e);
        }
        if (content == null) {
            return undeliverable(
                    record,
                    null,
                    DeadLetterCode.MALFORMED_RECORD,
                    "Cannot score a record without a value; requests are not deleted by key",
                    null);
        }
        if (!isId(content.getRequestId()) || !isId(content.getEntityId())) {
            return undeliverable(
                    record,
                    content,
                    DeadLetterCode.INVALID_ID,
                    "Cannot answer a request whose %s is empty or longer than %d characters; give every request one"
                            .formatted(isId(content.getRequestId()) ? "entityId" : "requestId", LONGEST_ID),
                    null);
        }
        PipelineBinding pipeline = pipelines.get(content.getPipeline());
        if (pipeline == null) {
            return undeliverable(
                    record,
                    content,
                    DeadLetterCode.UNKNOWN_PIPELINE,
                    "Cannot score for pipeline '%s': the pipelines are %s"
                            .formatted(content.getPipeline(), new TreeSet<>(pipelines.keySet())),
                    null);
        }
        String expected = Topic.requestsOf(pipeline.modality()).topicName();
        if (!expected.equals(record.topic())) {
            return undeliverable(
                    record,
                    content,
                    DeadLetterCode.UNKNOWN_PIPELINE,
                    "Cannot score for pipeline '%s' from topic '%s': it reads '%s'"
                            .formatted(content.getPipeline(), record.topic(), expected),
                    null);
        }
        // To bare vectors nothing can be added: whoever sends them has all features in them.
        if (record.features() == null || !(content.getPayload() instanceof FeaturesPayload payload)) {
            return new Request.Addressed(content, pipeline, record);
        }
        Map<String, Double> added = named(rollingNames.get(pipeline.pipeline()), record.features());
        return new Request.Addressed(with(added, payload, content), pipeline, record, added);
    }

    /** Features without a value are missing, as they would be in a request. */
    private static Map<String, Double> named(List<String> names, double[] features) {
        if (names.size() != features.length) {
            throw new IllegalStateException("Cannot name %d rolling features as %s".formatted(features.length, names));
        }
        Map<String, Double> named = new LinkedHashMap<>();
        for (int index = 0; index < features.length; index++) {
            if (!Double.isNaN(features[index])) {
                named.put(names.get(index), features[index]);
            }
        }
        return named;
    }

    private static InferenceRequest with(Map<String, Double> added, FeaturesPayload payload, InferenceRequest content) {
        return new InferenceRequest(
                content.getRequestId(),
                content.getPipeline(),
                content.getEntityId(),
                content.getEventTime(),
                RollingFeatures.addTo(payload, added),
                content.getAttributes(),
                content.getOrigin(),
                content.getReceivedAt());
    }

    private static boolean isId(String text) {
        return !text.isEmpty() && text.codePointCount(0, text.length()) <= LONGEST_ID;
    }

    private static Request undeliverable(
            InputRecord record,
            @Nullable InferenceRequest content,
            DeadLetterCode code,
            String reason,
            @Nullable Throwable cause) {
        return new Request.Undeliverable(DeadLetters.of(record, Optional.ofNullable(content), code, reason, cause));
    }
}
