package dev.penstock.cli.letters;

import dev.penstock.cli.letters.Judged.RequestName;
import dev.penstock.ingest.mapping.Mapped;
import dev.penstock.ingest.mapping.RequestMapper;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Says of a dead letter whether it would be taken if it were sent again, by the code that took or refused it: ingest's for
 * source topics, the requests' schema for requests. What would only become a dead letter again, or what would be answered
 * by others a second time, is kept.
 */
final class ReplayJudge {
    private static final String REQUESTS = "requests.";

    private final Pipelines pipelines;
    private final AvroDeserializer<GenericRecord> events;
    private final AvroDeserializer<InferenceRequest> requests;
    private final boolean takesCrashed;
    private final Clock clock;

    /** @param takesCrashed whether records that ended a process may be sent as well */
    ReplayJudge(Pipelines pipelines, SchemaRegistry registry, boolean takesCrashed, Clock clock) {
        this.pipelines = pipelines;
        this.events = AvroDeserializer.generic(registry);
        this.requests = AvroDeserializer.of(registry, InferenceRequest.class);
        this.takesCrashed = takesCrashed;
        this.clock = clock;
    }

    /**
     * @param value the original's bytes; empty where they are gone
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException if the registry does not answer
     */
    Judged judge(Letter letter, Optional<byte[]> value) {
        String topic = letter.from().getTopic();
        if (letter.content().code() == DeadLetterCode.CRASHED_MODEL && !takesCrashed) {
            return Judged.kept(
                    letter, "the process died twice over it, and would again; if the model was mended, add --crashed");
        }
        if (value.isEmpty()) {
            return Judged.kept(
                    letter,
                    letter.omittedBytes().isPresent()
                            ? "its bytes are in the record alone, and that is no longer in its topic"
                            : "it has no value");
        }
        try {
            if (topic.startsWith(REQUESTS) && Topic.named(topic).isPresent()) {
                return request(letter, value.get());
            }
            if (Topic.named(topic).isPresent()) {
                return Judged.kept(
                        letter,
                        "whoever else reads '%s' would read it twice; only events and requests can be sent again"
                                .formatted(topic));
            }
            return event(letter, value.get());
        } catch (MalformedRecordException | UnknownSchemaException e) {
            return Judged.kept(letter, "it would be refused again: %s".formatted(e.getMessage()));
        }
    }

    private Judged request(Letter letter, byte[] value) {
        InferenceRequest request = requests.deserialize(letter.from().getTopic(), value);
        Optional<Pipeline> pipeline = request == null ? Optional.empty() : pipelines.named(request.getPipeline());
        if (request == null || pipeline.isEmpty()) {
            return Judged.kept(
                    letter,
                    "it would be refused again: there is no pipeline '%s'"
                            .formatted(request == null ? "" : request.getPipeline()));
        }
        String expected = Topic.requestsOf(pipeline.get().modality()).topicName();
        if (!expected.equals(letter.from().getTopic())) {
            return Judged.kept(
                    letter,
                    "it would be refused again: pipeline '%s' reads '%s'"
                            .formatted(pipeline.get().name(), expected));
        }
        if (request.getRequestId().isEmpty() || request.getEntityId().isEmpty()) {
            return Judged.kept(letter, "it would be refused again: it has no id");
        }
        return new Judged.Sendable(
                letter,
                target(letter),
                OptionalLong.empty(),
                Set.of(new RequestName(request.getPipeline(), request.getRequestId())));
    }

    private Judged event(Letter letter, byte[] value) {
        String topic = letter.from().getTopic();
        List<Pipeline> readers = pipelines.withSource().stream()
                .filter(pipeline ->
                        pipeline.source().map(Source::topic).orElseThrow().equals(topic))
                .toList();
        if (readers.isEmpty()) {
            return Judged.kept(letter, "no pipeline reads '%s'".formatted(topic));
        }
        GenericRecord event = events.deserialize(topic, value);
        if (event == null) {
            return Judged.kept(letter, "it has no value");
        }
        Optional<String> refuser = letter.content().pipeline();
        Set<RequestName> answered = new HashSet<>();
        for (Pipeline reader : readers) {
            Mapped mapped = new RequestMapper(reader).map(event, letter.from(), letter.time(), clock.instant());
            boolean refusedIt = refuser.isEmpty() || refuser.get().equals(reader.name());
            if (mapped instanceof Mapped.Rejected rejected) {
                if (refusedIt) {
                    return Judged.kept(
                            letter,
                            "pipeline '%s' would refuse it again: %s: %s"
                                    .formatted(reader.name(), rejected.code(), rejected.reason()));
                }
            } else if (mapped instanceof Mapped.Valid valid) {
                if (refusedIt) {
                    answered.add(new RequestName(reader.name(), valid.request().getRequestId()));
                } else if (!knowsItAsSeen(reader, letter.time())) {
                    return Judged.kept(
                            letter,
                            "pipeline '%s' took the event when it came, and would answer it once more: its duplicate window of %s is over"
                                    .formatted(
                                            reader.name(), reader.duplicates().window()));
                }
            } else {
                throw new IllegalStateException("Cannot judge unknown outcome: " + mapped);
            }
        }
        return answered.isEmpty()
                ? Judged.kept(letter, "pipeline '%s' no longer reads '%s'".formatted(refuser.orElse(""), topic))
                : new Judged.Sendable(
                        letter, target(letter), OptionalLong.of(letter.time().toEpochMilli()), answered);
    }

    /** Ingest remembers what it took for two windows at least, by the same timestamps. */
    private boolean knowsItAsSeen(Pipeline reader, Instant time) {
        Duration age = Duration.between(time, clock.instant());
        return reader.duplicates().dropped()
                && age.compareTo(reader.duplicates().window()) < 0;
    }

    private static TopicPartition target(Letter letter) {
        return new TopicPartition(letter.from().getTopic(), letter.from().getPartition());
    }
}
