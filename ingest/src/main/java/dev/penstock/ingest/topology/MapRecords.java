package dev.penstock.ingest.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.ingest.limits.RecordSize;
import dev.penstock.ingest.limits.TopicLimits;
import dev.penstock.ingest.mapping.Mapped;
import dev.penstock.ingest.mapping.RejectedRecordException;
import dev.penstock.ingest.mapping.RequestMapper;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Decodes the records of one topic and maps each for every pipeline that reads it. A registry that is away throws: that
 * is not the record's fault.
 */
final class MapRecords implements Processor<byte[], byte[], byte[], Ingested> {
    private final List<RequestMapper> mappers;
    private final AvroDeserializer<GenericRecord> deserializer;
    private final AvroSerializer<InferenceRequest> serializer;
    private final TopicLimits limits;
    private final DeadLetters deadLetters;
    private final IngestCounters counters;
    private final Clock clock;
    private ProcessorContext<byte[], Ingested> context;
    private Outcomes outcomes;

    MapRecords(
            List<Pipeline> pipelines,
            SchemaRegistry registry,
            TopicLimits limits,
            IngestCounters counters,
            Clock clock) {
        this.mappers = pipelines.stream().map(RequestMapper::new).toList();
        this.deserializer = AvroDeserializer.generic(registry);
        this.serializer = new AvroSerializer<>(registry);
        this.limits = limits;
        this.deadLetters = new DeadLetters(limits.of(Topic.DEAD_LETTERS));
        this.counters = counters;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<byte[], Ingested> context) {
        this.context = context;
        this.outcomes = new Outcomes(counters, context.metrics());
    }

    @Override
    public void process(Record<byte[], byte[]> source) {
        RecordMetadata metadata = context.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("Cannot ingest a record that is in no topic"));
        Origin origin = new Origin(metadata.topic(), metadata.partition(), metadata.offset());
        GenericRecord record;
        try {
            record = deserializer.deserialize(origin.getTopic(), source.value());
        } catch (MalformedRecordException e) {
            rejectForAll(source, origin, DeadLetterCode.MALFORMED_RECORD, e);
            return;
        } catch (UnknownSchemaException e) {
            rejectForAll(source, origin, DeadLetterCode.UNKNOWN_SCHEMA, e);
            return;
        }
        if (record == null) {
            // What compacted topics call a deletion. Nothing vanishes, so it is refused rather than passed over.
            rejectForAll(
                    source,
                    origin,
                    DeadLetterCode.MISSING_FIELD,
                    new NullPointerException("Cannot use record: it has a key and no value"));
            return;
        }
        Instant now = clock.instant();
        for (RequestMapper mapper : mappers) {
            map(mapper, record, source, origin, now);
        }
    }

    private void map(
            RequestMapper mapper, GenericRecord record, Record<byte[], byte[]> source, Origin origin, Instant now) {
        Mapped mapped = mapper.map(record, origin, Instant.ofEpochMilli(source.timestamp()), now);
        Pipeline pipeline = mapper.pipeline();
        if (mapped instanceof Mapped.Valid valid) {
            passOn(valid.request(), pipeline, source, origin);
        } else if (mapped instanceof Mapped.Rejected rejected) {
            reject(source, origin, rejected, pipeline);
        } else {
            throw new IllegalStateException("Cannot pass on unknown outcome: " + mapped);
        }
    }

    private void passOn(InferenceRequest request, Pipeline pipeline, Record<byte[], byte[]> source, Origin origin) {
        Topic topic = Topic.requestsOf(pipeline.modality());
        byte[] key = request.getEntityId().getBytes(UTF_8);
        byte[] value = serializer.serialize(topic.topicName(), request);
        long bytes = RecordSize.upperBound(key, value, source.headers());
        if (bytes > limits.of(topic)) {
            String reason = "Cannot use record: its request has %,d bytes, more than the %,d that topic '%s' takes"
                    .formatted(bytes, limits.of(topic), topic.topicName());
            reject(
                    source,
                    origin,
                    new Mapped.Rejected(DeadLetterCode.PAYLOAD_TOO_LARGE, reason, Optional.of(request.getRequestId())),
                    pipeline);
            return;
        }
        context.forward(new Record<>(
                key,
                new Ingested.Candidate(pipeline.name(), request.getRequestId(), topic, value),
                source.timestamp(),
                source.headers()));
    }

    private void reject(Record<byte[], byte[]> source, Origin origin, Mapped.Rejected rejected, Pipeline pipeline) {
        outcomes.rejected(pipeline.name(), rejected.code());
        context.forward(deadLetters.of(
                source,
                origin,
                rejected.code(),
                rejected.reason(),
                RejectedRecordException.class,
                Optional.of(pipeline.name()),
                rejected.requestId()));
    }

    /** One dead letter, however many pipelines wait for the record; each of them counts it. */
    private void rejectForAll(
            Record<byte[], byte[]> source, Origin origin, DeadLetterCode code, RuntimeException failure) {
        mappers.forEach(mapper -> outcomes.rejected(mapper.pipeline().name(), code));
        Optional<String> pipeline =
                mappers.size() == 1 ? Optional.of(mappers.get(0).pipeline().name()) : Optional.empty();
        context.forward(deadLetters.of(
                source,
                origin,
                code,
                String.valueOf(failure.getMessage()),
                failure.getClass(),
                pipeline,
                Optional.empty()));
    }
}
